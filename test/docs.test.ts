import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

// Every `ts` block of the README and docs/ runs as it stands; `// text` after a console.log is what it prints.
const files = ['README.md', ...readdirSync('docs').map((name) => join('docs', name))].filter((f) => f.endsWith('.md'));

describe('the code in the documentation', () => {
  for (const file of files) {
    const blocks = [...readFileSync(file, 'utf8').matchAll(/^```ts\n(.*?)^```/gms)].map((m) => m[1]!);
    blocks.forEach((code, i) => {
      it(`${file}, block ${i + 1}, prints what it says`, () => {
        const folder = mkdtempSync(join('test', 'docs-')); // inside the project, so that 'bigrad' resolves
        try {
          const path = join(folder, 'block.ts');
          writeFileSync(path, code);
          const printed = execFileSync(process.execPath, ['--import', 'tsx', path], { encoding: 'utf8' });
          const said = [...code.matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm)].map((m) => m[1]);
          assert.deepEqual(
            printed.split('\n').filter((line) => line !== ''),
            said,
          );
        } finally {
          rmSync(folder, { recursive: true });
        }
      });
    });
  }
});
