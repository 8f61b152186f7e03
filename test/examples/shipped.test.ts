import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unmet } from '../packaging/imports.js';

const { files } = JSON.parse(readFileSync('package.json', 'utf8')) as { files: string[] };
const shipped = (path: string): boolean => files.some((entry) => path === entry || path.startsWith(`${entry}/`));

describe('the examples that the package holds', () => {
  it('import what the package holds, and what their pages tell to install', () => {
    assert.deepEqual(unmet('.', shipped), []);
  });

  it('would be found where they do not', () => {
    const home = mkdtempSync(join(tmpdir(), 'bigrad-examples-'));
    try {
      mkdirSync(join(home, 'examples/one'), { recursive: true });
      const write = (name: string, text: string) => {
        writeFileSync(join(home, 'examples/one', name), text);
      };
      write('README.md', 'Run `npm install here @a/b` first.');
      write(
        'main.ts',
        "import a from 'here';\nimport { b } from '@a/b';\nimport c from 'gone';\nimport './part.js';\n",
      );
      write(
        'part.ts',
        "import type { T } from 'types';\nimport { x } from 'bigrad/nn';\nawait import('lazy');\nimport '../lab/no.js';\n",
      );
      assert.deepEqual(unmet(home), [
        'examples/one/main.ts: gone',
        'examples/one/part.ts: lazy',
        'examples/one/part.ts: ../lab/no.js',
      ]);
      assert.deepEqual(
        unmet(home, (path) => !path.endsWith('part.ts')),
        ['examples/one/main.ts: gone', 'examples/one/main.ts: ./part.js'],
      );
    } finally {
      rmSync(home, { recursive: true });
    }
  });
});
