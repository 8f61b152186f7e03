import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { opTable } from 'bigrad/testing';
import * as publicOps from '../../src/ops/public.js';
import { readCalls } from './calls.js';
import { ops } from './ops.js';
import { readPrograms } from './program.js';

const file = (name: string): URL => new URL(name, import.meta.url);
const programs = readPrograms();

/** Ops of a list that no program uses. */
const unused = (names: readonly string[]): string[] => {
  const used = new Set(programs.flatMap(({ steps }) => steps.map(([op]) => op)));
  return names.filter((name) => !used.has(name));
};

/** Ops that the table of single calls has. */
const called = new Set(readCalls().map(({ op }) => op));
/** Those that the table of layers and of what they need has. */
const layered = new Set(readCalls('nn').map(({ op }) => op));

describe('the tables of random programs and of single calls', () => {
  it('use every exported op that has a derivative', () => {
    const differentiable = opTable.filter(({ order }) => order > 0).map(({ op }) => op);
    const exported = differentiable.filter((name) => name in publicOps && !called.has(name) && !layered.has(name));
    assert.ok(exported.length > 40);
    assert.deepEqual(unused(exported), []);
    assert.deepEqual(unused([...exported, 'conv7d']), ['conv7d']);
  });
});

describe('the table of random programs', () => {
  it('uses every op that programs can call, in four programs at least', () => {
    for (const op of Object.keys(ops)) {
      const count = programs.filter(({ steps }) => steps.some(([name]) => name === op)).length;
      assert.ok(count >= 4, `${op} in ${count}`);
    }
  });

  it('holds 300 programs, each with two inputs at least, in less than 3 MB', () => {
    assert.equal(programs.length, 300);
    for (const { shapes, inputs } of programs) assert.ok(shapes.length >= 2 && shapes.length === inputs.length);
    assert.ok(statSync(file('programs.json.gz')).size < 3e6);
  });

  it('has inputs and directions that float32 holds exactly', () => {
    for (const { inputs, weights, v, u } of programs)
      for (const x of [inputs, weights, v, u].flat(2)) assert.equal(Math.fround(x), x);
  });

  it('is computed by ops that stand line by line in both languages', () => {
    const table = readFileSync(file('ops.py'), 'utf8').split('\nOPS = {')[1]!;
    const names = [...table.matchAll(/^ {4}'(\w+)': /gm)].map(([, name]) => name);
    assert.deepEqual(names, Object.keys(ops));
  });
});
