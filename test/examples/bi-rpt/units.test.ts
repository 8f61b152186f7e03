import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpu, leaves, randomKey } from 'bigrad';
import type { Config } from '../../../examples/bi-rpt/config.js';
import { batches, batchOf, simulatedDataset } from '../../../examples/bi-rpt/dataset.js';
import { rateOf } from '../../../examples/bi-rpt/fine-tune.js';
import { initTrunkMasks, initWeights } from '../../../examples/bi-rpt/network.js';
import { startPretraining } from '../../../examples/bi-rpt/pretrain.js';
import { report } from '../../../examples/bi-rpt/report.js';
import { Store, type Result } from '../../../examples/bi-rpt/store.js';
import { sampleGrid, seeded } from '../../../examples/x-yield/index.js';

const data = simulatedDataset(sampleGrid(37, seeded(1)), 'rptr');

describe('the parts of the example', () => {
  it('batches visit every row once a pass, in another order each time, the same for the same seed', () => {
    const rows = (seed: number): number[][] => {
      const draw = batches(data, 16, seed, cpu);
      return [0, 1].map(() => [0, 1, 2].flatMap(() => [...draw.next().value.y.readSync()]));
    };
    const [first, second] = rows(5) as [number[], number[]];
    assert.deepEqual(new Set(first), new Set(data.strengths));
    assert.deepEqual([...second].sort(), [...first].sort());
    assert.notDeepEqual(second, first);
    assert.deepEqual(rows(5), [first, second]);
    assert.deepEqual(batchOf(data, [3], cpu).x.shape, [1, 2, 9, 18]);
    const later = batches(data, 16, 5, cpu, 4).next().value;
    assert.deepEqual([...later.y.readSync()], second.slice(16, 32));
  });

  it('the rate falls to a tenth after each third of the epochs', () => {
    const config = { epochs: 9, batch: 4, learningRate: 1 };
    const rates = Array.from({ length: 9 }, (_, e) => Math.log10(rateOf(e, config)));
    assert.deepEqual(
      rates.map(Math.round),
      [0, 0, 0, -1, -1, -1, -2, -2, -2].map((x) => x + 0),
    );
  });

  it('masks stand on convolution weights only', () => {
    const masks = leaves(initTrunkMasks(initWeights(randomKey(0))));
    assert.deepEqual(
      masks.map((m) => m.shape),
      [
        [16, 2, 3, 3],
        [32, 16, 3, 3],
        [64, 32, 3, 3],
      ],
    );
  });

  it('pre-training goes on from a kept state to the same weights bit for bit', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bigrad-units-'));
    try {
      const store = Store.open(folder, { config: { device: 'cpu' } as Config, measurements: '', bigrad: '' }, {});
      const config = { points: 37, epochs: 3, batch: 16, learningRate: 1e-3 };
      const start = () => startPretraining(initWeights(randomKey(1)), data, config, 7, cpu);
      const tick = () => Promise.resolve();
      const whole = start();
      const straight = await whole.run(whole.begin, tick, (state) => {
        if (state.epoch === 1) store.saveTree('pretraining', state);
      });
      const again = start();
      const kept = store.loadTree('pretraining', again.begin);
      assert.equal(kept?.epoch, 1);
      const resumed = await again.run(kept, tick, () => undefined);
      const values = (model: unknown) => leaves(model).map((x) => [...x.readSync()]);
      assert.deepEqual(values(resumed), values(straight));
      store.close();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('a training that diverged is kept as null and shown as diverged, apart from the mean of the others', () => {
    const folder = mkdtempSync(join(tmpdir(), 'bigrad-units-'));
    try {
      const identity = { config: { device: 'cpu' } as Config, measurements: '', bigrad: '' };
      const result: Result = {
        method: 'Bi-RPT',
        seed: 0,
        testError: 0.25,
        trainCount: 1,
        testCount: 1,
        density: { overall: 0.5, layers: [0.5] },
        predicted: [1],
        measured: [1.5],
      };
      const store = Store.open(folder, identity, {});
      store.add(result);
      store.add({ ...result, seed: 1, testError: NaN, density: { overall: 1, layers: [1] } });
      assert.equal(store.results[1]!.testError, null);
      assert.match(report(store), /0\.250 1 diverged/);
      store.close();
      const again = Store.open(folder, identity, {});
      assert.deepEqual(
        again.results.map((r) => r.testError),
        [0.25, null],
      );
      assert.match(report(again), /Bi-RPT +│ 0\.250 1 diverged +│ - +│ 2 +│ 0\.500/);
      again.close();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
