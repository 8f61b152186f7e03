import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import * as bigrad from 'bigrad';
import { opTable } from 'bigrad/testing';

// docs/ops.md lists every op, and nothing else.

const pages = ['docs/ops.md', 'docs/functions.md', 'docs/indexing.md', 'docs/linear-algebra.md'].filter((page) =>
  existsSync(page),
);

/** The functions that a page's tables name in a column: `max`, `take(x, indices, axis)`. */
const namesIn = (text: string, column?: number): string[] =>
  [...text.split('\n## What is absent')[0]!.matchAll(/^\| (.*) \|$/gm)].flatMap(([, row]) =>
    row!
      .split(' | ')
      .filter((_, i) => column === undefined || i === column)
      .flatMap((cell) => [...cell.matchAll(/`(\w+)(?:\([^`]*\))?`/g)].map((m) => m[1]!)),
  );

describe('the page of all ops', () => {
  const text = readFileSync('docs/ops.md', 'utf8');

  it('lists every op of the op table, or has a page that does', () => {
    const named = new Set(pages.flatMap((page) => namesIn(readFileSync(page, 'utf8'))));
    const exported = [...new Set(opTable.map(({ op }) => op))].filter((op) => op in bigrad);
    assert.ok(exported.length > 80);
    assert.deepEqual(
      exported.filter((op) => !named.has(op)),
      [],
    );
  });

  it('lists only functions of bigrad, each once', () => {
    const names = namesIn(text, 0);
    assert.deepEqual(
      names.filter((name) => !(name in bigrad)),
      [],
    );
    assert.equal(new Set(names).size, names.length);
  });

  it('would be caught without an op, and with one that is not there', () => {
    assert.deepEqual(
      namesIn('| `add`, `sub` | `plus` |\n| `take(x, i)` | `take` |\n\n## What is absent\n| `fft` | - |', 0),
      ['add', 'sub', 'take'],
    );
  });
});
