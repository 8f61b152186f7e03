import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

// Every `ts` block of the README and docs/ runs as it stands; `// text` after a console.log is what
// it prints.
const markdownIn = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name));
const files = ['README.md', ...markdownIn('docs')];

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

/** The files that links of a text in a folder name; code, and links to elsewhere, are left out. */
const linked = (folder: string, text: string): string[] =>
  [...text.replace(/^```.*?^```$|^ {4}.*?$/gms, '').matchAll(/\]\(([^)\s#]+)(#[^)\s]*)?\)/g)]
    .map((m) => m[1]!)
    .filter((link) => !/^[a-z]+:/.test(link))
    .map((link) => join(folder, link));

/** The files and folders that a text names by their path from the root. */
const named = (text: string): string[] =>
  [...text.matchAll(/`((?:src|kernels|test|bench|examples|docs|\.ci)\/[\w./-]*)`/g)].map((m) => m[1]!);

/** Cells of the widest table. */
const widest = (text: string): number =>
  Math.max(0, ...[...text.matchAll(/^\|.*\|$/gm)].map(([row]) => row.replaceAll('\\|', '').split('|').length - 2));

const missing = (paths: readonly string[]): string[] => paths.filter((path) => !existsSync(path));

describe('the documentation', () => {
  for (const file of [...markdownIn('.'), ...markdownIn('docs'), ...markdownIn('docs/results')])
    it(`${file} links to files that are there, and has tables of at most six columns`, () => {
      const text = readFileSync(file, 'utf8');
      assert.deepEqual(missing(linked(dirname(file), text)), []);
      assert.ok(widest(text) <= 6, `a table of ${widest(text)} columns`);
    });

  for (const file of [...markdownIn('.'), ...markdownIn('docs')])
    it(`${file} names only files that are there`, () => {
      assert.deepEqual(missing(named(readFileSync(file, 'utf8'))), []);
    });

  it('names the files of an op and of its kernels', () => {
    assert.ok(named(readFileSync('docs/adding-an-op.md', 'utf8')).length > 30);
  });

  it('would be caught with a link or a path to nowhere, and with a wide table', () => {
    assert.deepEqual(missing(linked('docs', '[a](../README.md#tests) [b](none.md) [c](https://x.y)\n    f[i](j)')), [
      'docs/none.md',
    ]);
    assert.deepEqual(missing(named('`src/ops` and `src/none.ts`')), ['src/none.ts']);
    assert.equal(widest('| a | b \\| c |\n| --- | --- |'), 2);
  });
});
