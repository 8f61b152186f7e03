import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type ts from 'typescript';
import { blocksOf, namedBlocksOf, deadAnchors, linked, markdownIn, missing } from './docs/markdown.js';
import { printedBy } from './docs/printed.js';
import { programOf, typeErrors } from './docs/types.js';

// Every `ts` block of the README and docs/ compiles under `--strict`, and runs as it stands.
// `// text` after a console.log is what it prints. A block that has the name of a file compiles; a
// test of its page runs it.
const pages = ['README.md', ...markdownIn('docs')].map((page) => ({
  page,
  blocks: blocksOf(readFileSync(page, 'utf8')),
  named: namedBlocksOf(readFileSync(page, 'utf8')),
}));

describe('the code in the documentation', () => {
  const folder = mkdtempSync(join('test', 'docs-')); // inside the project, so that 'bigrad' resolves
  const fileOf = (page: string, i: number): string => join(folder, `${page.replaceAll(/\W/g, '-')}-${i + 1}.ts`);
  let program: ts.Program;

  before(() => {
    const files = pages.flatMap(({ page, blocks, named }) => [
      ...blocks.map((code, i) => [fileOf(page, i), code] as const),
      ...Object.entries(named).map(([name, code]) => [join(folder, name), code] as const),
    ]);
    for (const [path, code] of files) writeFileSync(path, code);
    program = programOf(files.map(([path]) => path));
  });
  after(() => {
    rmSync(folder, { recursive: true });
  });

  for (const { page, named } of pages)
    for (const name of Object.keys(named))
      it(`${page}, ${name}, compiles`, () => {
        assert.deepEqual(typeErrors(program, join(folder, name)), []);
      });

  for (const { page, blocks } of pages)
    blocks.forEach((code, i) => {
      it(`${page}, block ${i + 1}, compiles, and prints what it says`, async () => {
        assert.deepEqual(typeErrors(program, fileOf(page, i)), []);
        const said = [...code.matchAll(/^console\.log\(.*\); \/\/ (.*)$/gm)].map((m) => m[1]);
        assert.deepEqual(await printedBy(fileOf(page, i)), said);
      });
    });
});

/** The files and folders that a text names by their path from the root. */
const named = (text: string): string[] =>
  [...text.matchAll(/`((?:src|kernels|test|bench|examples|docs|\.ci)\/[\w./-]*)`/g)].map((m) => m[1]!);

/** Cells of the widest table. */
const widest = (text: string): number =>
  Math.max(0, ...[...text.matchAll(/^\|.*\|$/gm)].map(([row]) => row.replaceAll('\\|', '').split('|').length - 2));

describe('the documentation', () => {
  for (const file of [...markdownIn('.'), ...markdownIn('docs'), ...markdownIn('docs/results')])
    it(`${file} links to files that are there, and has tables of at most six columns`, () => {
      const text = readFileSync(file, 'utf8');
      assert.deepEqual(missing(linked(dirname(file), text)), []);
      assert.deepEqual(deadAnchors(text), []);
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
    assert.deepEqual(deadAnchors('# Two `words`\n[a](#two-words) [b](#three)'), ['three']);
    assert.deepEqual(missing(named('`src/ops` and `src/none.ts`')), ['src/none.ts']);
    assert.equal(widest('| a | b \\| c |\n| --- | --- |'), 2);
  });
});
