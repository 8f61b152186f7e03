import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, run, tarball, tool } from './pack.js';

// `npm run packaging [-- tarball]`: what publint and are-the-types-wrong say of the packed package.
// Neither needs a network.
const folder = mkdtempSync(join(tmpdir(), 'bigrad-packaging-'));
try {
  const file = tarball(folder);
  console.log(run(root, tool('publint'), 'run', file, '--strict'));
  console.log(run(root, tool('attw'), file, '--profile', 'esm-only'));
} finally {
  rmSync(folder, { recursive: true });
}
