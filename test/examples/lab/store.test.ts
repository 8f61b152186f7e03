import assert from 'node:assert/strict';
import { existsSync, linkSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpu } from 'bigrad';
import writeFileAtomic from 'write-file-atomic';
import { BENCHES } from '../../../examples/benches.js';
import { aboutOf, cellsOf, identityOf, type CellResult } from '../../../examples/lab/cells.js';
import { experimentOf } from '../../../examples/lab/choose.js';
import { runCells } from '../../../examples/lab/run.js';
import { writeReport } from '../../../examples/lab/report/page.js';
import { readCells, readFolder, Store } from '../../../examples/lab/store.js';
import { silent } from './silent.js';

describe('the folder of results', () => {
  const bench = BENCHES[0]!;
  const choice = { size: 'quick', methods: ['mean'], splits: 1, settings: [] } as const;
  const experiment = experimentOf(bench, () => bench.open({ data: null, layout: 'rptr' }), choice);
  const identity = identityOf(experiment, 'cpu', '0');
  const record = { identity, about: aboutOf(experiment), machine: {} };
  const [cell] = cellsOf(experiment, identity);
  const result: CellResult = {
    method: { name: 'mean', title: 'Mean', config: {} },
    ...{ rank: 0, split: 0, trainCount: 1, testCount: 1 },
    ...{ metrics: { MSE: 0.5 }, predictions: [[0.5]], labels: [1], groups: {}, curve: [] },
  };
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'bigrad-store-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('a cell that two shards computed is kept once if their numbers are equal, whatever its place', () => {
    const store = Store.open(folder, record);
    assert.equal(store.add('cell', result, 'shard 0/2'), 'kept');
    assert.equal(store.add('cell', { ...result, rank: 3 }, 'shard 0/3'), 'equal');
    assert.equal(store.makerOf('cell'), 'shard 0/2');
    assert.deepEqual(readCells(folder).get('cell'), result);
  });

  it('and is refused if they differ, in one line that names both; the first stays', () => {
    const store = Store.open(folder, record);
    store.add('cell', result, 'shard 0/2');
    for (const other of [{ metrics: { MSE: 0.4 } }, { predictions: [[0.4]] }, { density: { overall: 1, layers: [] } }])
      assert.throws(
        () => store.add('cell', { ...result, ...other }, 'shard 0/3'),
        /^StoreError: .*cell\.json: expected the same numbers from shard 0\/3 as from shard 0\/2, found others; .*$/,
      );
    assert.deepEqual(readCells(folder).get('cell'), result);
  });

  it('a run says what another has finished while it computed the same', async () => {
    const store = Store.open(folder, record);
    const notes: string[] = [];
    const progress = silent(notes);
    const { method } = cell!;
    const overtaken = (change: (r: CellResult) => CellResult) => ({
      ...cell!,
      method: {
        ...method,
        train: async (...args: Parameters<typeof method.train>) => {
          const learned = await method.train(...args);
          const [finished] = readCells(first).values();
          store.add(cell!.key, change(finished!), 'shard 0/2 (process 1 on elsewhere)');
          return learned;
        },
      },
    });
    const first = mkdtempSync(join(tmpdir(), 'bigrad-store-'));
    try {
      const runner = { experiment, identity, progress, device: cpu, maker: 'shard 0/3 (process 2 on here)' };
      await runCells({ ...runner, store: Store.open(first, record) }, [cell!]);
      await runCells({ ...runner, store }, [overtaken((r) => r)]);
      assert.deepEqual(notes, [
        `${cell!.key} was finished meanwhile by shard 0/2 (process 1 on elsewhere), with equal numbers`,
      ]);
      rmSync(join(folder, 'cells', `${cell!.key}.json`));
      await assert.rejects(
        runCells({ ...runner, store }, [overtaken((r) => ({ ...r, metrics: { MSE: 0 } }))]),
        /expected the same numbers from shard 0\/3 .* as from shard 0\/2 .*, found others/,
      );
    } finally {
      rmSync(first, { recursive: true });
    }
  });

  it('a record without its parts is refused in one line', () => {
    writeFileSync(join(folder, 'experiment.json'), '{"identity":null,"about":null}');
    assert.throws(() => readFolder(folder), /^StoreError: .*experiment\.json: expected the record of a run, found .*$/);
  });

  it('a report is replaced as a whole: who has the old one open keeps it', async () => {
    Store.open(folder, record);
    const path = await writeReport(folder, [result]);
    const before = readFileSync(path, 'utf8');
    linkSync(path, join(folder, 'old.html'));
    await writeReport(folder, [{ ...result, metrics: { MSE: 0.25 } }]);
    assert.notEqual(readFileSync(path, 'utf8'), before);
    assert.equal(readFileSync(join(folder, 'old.html'), 'utf8'), before);
  });

  it('a full disk is said in one line, and leaves what was finished', () => {
    let full = false;
    const store = Store.open(folder, record, (path, data) => {
      if (full) throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
      writeFileAtomic.sync(path, data);
    });
    store.add('first', result, 'a run');
    full = true;
    const message = `${folder}: expected a folder to write results to, found a full disk`;
    assert.throws(() => store.add('second', result, 'a run'), { name: 'StoreError', message });
    assert.throws(
      () => {
        store.saveTree('tree', []);
      },
      { name: 'StoreError', message },
    );
    assert.ok(!store.has('second') && !existsSync(join(folder, 'shared', 'tree.safetensors')));
    assert.deepEqual(readCells(folder), new Map([['first', result]]));
  });
});
