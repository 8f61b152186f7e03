import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inspect } from 'node:util';
import { exportsOf, moduleOf, modules } from './examples.js';
import { programOf, typeErrors } from './types.js';

// The `@example` of each export of src is there, compiles under `--strict`, and its values are
// what the text beside them says.

type Prints = (value: unknown, text: string) => void;

describe('the examples of the reference', () => {
  const folder = mkdtempSync(join('test', 'docs-')); // inside the project, so that 'bigrad' resolves
  const file = join(folder, 'examples.ts');
  const program = programOf(Object.values(modules));
  const exported = exportsOf(program);

  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('are there for every exported value', () => {
    assert.deepEqual(
      exported.filter((e) => e.isValue && e.examples.length === 0).map(({ module, name }) => `${module}: ${name}`),
      [],
    );
  });

  it('compile, and show what they say', async () => {
    writeFileSync(file, moduleOf(exported));
    assert.deepEqual(typeErrors(programOf([...Object.values(modules), file], program), file), []);
    const { examples } = (await import(pathToFileURL(resolve(file)).href)) as {
      examples: Record<string, (prints: Prints) => Promise<void>>;
    };
    const wrong: string[] = [];
    for (const [name, run] of Object.entries(examples))
      await run((value, text) => {
        const found = inspect(value, { breakLength: Infinity });
        if (found !== text) wrong.push(`${name}: expected // ${text}, got // ${found}`);
      });
    assert.deepEqual(wrong, []);
  });

  it('would be caught with another value, and with another type', () => {
    const code = moduleOf([
      { module: 'bigrad', name: 'tensor', isValue: true, examples: ['const x = 1;\ntensor(x); // one'] },
    ]);
    assert.ok(code.includes('const x = 1;\nprints(tensor(x), "one");'));
  });
});
