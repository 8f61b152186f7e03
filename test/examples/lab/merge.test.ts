import assert from 'node:assert/strict';
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpu } from 'bigrad';
import { BENCHES } from '../../../examples/benches.js';
import {
  aboutOf,
  cellsOf,
  finishedOf,
  identityOf,
  type Cell,
  type CellResult,
  type Identity,
} from '../../../examples/lab/cells.js';
import { experimentOf } from '../../../examples/lab/choose.js';
import { markdownOf } from '../../../examples/lab/report/page.js';
import { runCells } from '../../../examples/lab/run.js';
import { readCells, readFolder, Store } from '../../../examples/lab/store.js';
import { silent } from './silent.js';

describe('folders of results that are copied together', () => {
  const bench = BENCHES[0]!;
  const testbed = bench.open({ data: null, layout: 'rptr' });
  const of = (...methods: readonly string[]) => {
    const experiment = experimentOf(bench, () => testbed, { size: 'quick', methods, splits: 2, settings: [] });
    const identity = identityOf(experiment, 'cpu', '0');
    const record = { identity, about: aboutOf(experiment), machine: {} };
    return { experiment, identity, record, cells: cellsOf(experiment, identity) };
  };
  type Made = ReturnType<typeof of>;
  let folder: string;
  const at = (...name: readonly string[]): string => join(folder, ...name);
  const compute = ({ experiment, identity, record }: Made, name: string, cells: readonly Cell<unknown>[]) => {
    const runner = { experiment, identity, progress: silent(), device: cpu, maker: name };
    return runCells({ ...runner, store: Store.open(at(name), record) }, cells);
  };
  const bytesIn = (name: string) =>
    Object.fromEntries(readdirSync(at(name, 'cells')).map((file) => [file, readFileSync(at(name, 'cells', file))]));
  const report = (name: string, { cells }: Made): string =>
    markdownOf(readFolder(at(name)), finishedOf(cells, readCells(at(name))));
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bigrad-merge-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('are the folder and the report of one run, bit for bit, whichever methods and splits each of them had', async () => {
    const [whole, one, two] = [of('mean', 'linear', 'simulation'), of('simulation', 'linear'), of('linear', 'mean')];
    await compute(whole, 'whole', whole.cells);
    await compute(one, 'one', one.cells.slice(0, 3));
    await compute(two, 'two', two.cells.slice(1));
    assert.ok(finishedOf(whole.cells, readCells(at('one'))).length < whole.cells.length);
    for (const [from, to] of [
      ['one', 'two'],
      ['two', 'one'],
    ] as const) {
      cpSync(at(from), at(`into ${to}`), { recursive: true });
      cpSync(at(to), at(`into ${to}`), { recursive: true });
      await compute(whole, `into ${to}`, whole.cells);
      assert.equal(report(`into ${to}`, whole), report('whole', whole));
      const ranked = (cells: Map<string, CellResult>) =>
        new Map([...cells].map(([key, c]) => [key, { ...c, rank: 0 }]));
      assert.deepEqual(ranked(readCells(at(`into ${to}`))), ranked(readCells(at('whole'))));
    }
    for (const [i, name] of ['first', 'second'].entries())
      await compute(
        whole,
        name,
        whole.cells.filter((_, j) => j % 2 === i),
      );
    cpSync(at('second'), at('first'), { recursive: true });
    assert.deepEqual(bytesIn('first'), bytesIn('whole'));
  });

  it('are refused where any part of the experiment differs, in one line that names a cell', () => {
    const { record, identity } = of('mean');
    const result = (split: number): CellResult => ({
      method: { name: 'mean', title: 'Mean', config: {} },
      ...{ rank: 0, split, trainCount: 1, testCount: 1 },
      ...{ metrics: { MSE: 0.5 }, predictions: [[0.5]], labels: [1], groups: {}, curve: [] },
    });
    Store.open(at('own'), record).add('mean-0-own', result(0), 'a run');
    const parts: Readonly<Record<keyof Identity, string>> = {
      testbed: 'testbed',
      task: 'task',
      protocol: 'protocol',
      sizes: 'options',
      data: 'data',
      source: 'files of the source',
      device: 'device',
      bigrad: 'bigrad version',
    };
    for (const [part, words] of Object.entries(parts)) {
      const value = part === 'sizes' ? { ...identity.sizes, points: 1 } : 'other';
      const other = { ...record, identity: { ...identity, [part]: value } };
      Store.open(at(part), other).add('mean-1-other', result(1), 'a run');
      cpSync(at('own', 'cells'), at(part, 'cells'), { recursive: true });
      const refused = (key: string) => ({
        name: 'StoreError',
        message: `${at(part, 'cells', key)}.json: expected a cell of the same ${words} as the others, found another; move it out`,
      });
      assert.throws(() => readCells(at(part)), refused('mean-0-own'));
      assert.throws(() => Store.open(at(part), other), refused('mean-0-own'));
      copyFileSync(at('own', 'experiment.json'), at(part, 'experiment.json'));
      assert.throws(() => Store.open(at(part), record), refused('mean-1-other'));
      rmSync(at(part, 'experiment.json'));
      assert.throws(() => Store.open(at(part), record), refused('mean-1-other'));
    }
    writeFileSync(at('own', 'cells', 'mean-0-copy.json'), readFileSync(at('own', 'cells', 'mean-0-own.json')));
    assert.throws(() => readCells(at('own')), {
      name: 'StoreError',
      message: `${at('own', 'cells')}: expected one cell of mean on split 0, found mean-0-copy and mean-0-own; move one of them out`,
    });
  });

  it('a folder of cells alone is taken for the experiment that they are of', async () => {
    const made = of('mean');
    await compute(made, 'whole', made.cells);
    mkdirSync(at('cells alone'));
    cpSync(at('whole', 'cells'), at('cells alone', 'cells'), { recursive: true });
    assert.ok(made.cells.every(({ key }) => Store.open(at('cells alone'), made.record).has(key)));
    assert.equal(report('cells alone', made), report('whole', made));
  });
});
