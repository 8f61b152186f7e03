import assert from 'node:assert/strict';
import { cpu, leaves, randomKey, Tensor, type Backend } from 'bigrad';
import { gpu, type Device } from 'bigrad/gpu';
import { biRpt } from '../../../examples/bi-rpt/bi-rpt.js';
import { simulatedDataset } from '../../../examples/bi-rpt/dataset.js';
import { settle, testError } from '../../../examples/bi-rpt/evaluate.js';
import { fineTune } from '../../../examples/bi-rpt/fine-tune.js';
import { initStatistics, initWeights } from '../../../examples/bi-rpt/network.js';
import { PRESETS } from '../../../examples/bi-rpt/options.js';
import { startPretraining, type Model, type Tick } from '../../../examples/bi-rpt/pretrain.js';
import { sampleGrid, seeded } from '../../../examples/x-yield/index.js';

const data = simulatedDataset(sampleGrid(10, seeded(1)), 'rptr');
const few = simulatedDataset(sampleGrid(3, seeded(2)), 'rptr');
const weights = initWeights(randomKey(1));
const model: Model = { weights, statistics: initStatistics(weights) };
const RATE = 1e-3;
const quiet: Tick = () => Promise.resolve();

interface Run {
  readonly device: Backend;
  readonly epochs?: number;
  readonly batch?: number;
  readonly tick?: Tick;
}
const pretraining = ({ device, epochs = 2, batch = 4, tick = quiet }: Run): Promise<Model> => {
  const training = startPretraining(
    weights,
    data,
    { points: data.count, epochs, batch, learningRate: RATE },
    7,
    device,
  );
  return training.run(training.begin, tick, () => undefined);
};
const fineTuning = ({ device, epochs = 2, batch = 4, tick = quiet }: Run): Promise<Model> =>
  fineTune(model, data, { epochs, batch, learningRate: 1e-2 }, 3, tick, device);
const pruning = ({ device, epochs = 2, batch = 4, tick = quiet }: Run): Promise<Model> => {
  const options = { ...PRESETS['tuned']!, lowerSteps: 1, lowerBatch: 4, mode: 'exact' } as const;
  return biRpt(model, data, data, { epochs, batch, learningRate: 1e-2 }, options, 3, tick, device);
};
const trainings = { 'pre-training': pretraining, 'fine-tuning': fineTuning, 'Bi-RPT': pruning };

const values = (tree: unknown) => leaves(tree).map((x) => [...x.readSync()]);

/** The largest difference between two trees' elements. */
function distance(a: unknown, b: unknown): number {
  const others = leaves(b);
  const each = leaves(a).map((x, i) => {
    const y = others[i]!.readSync();
    return Math.max(...x.readSync().map((v, k) => Math.abs(v - y[k]!)));
  });
  return Math.max(...each);
}

describe('the example on a GPU device', () => {
  let device: Device;
  before(async () => {
    device = await gpu({ mode: 'webasm' });
  });
  after(() => {
    device.dispose();
  });

  // Batch norm takes away what the bias of a convolution before it adds: its gradient is 0 but for
  // rounding, which Adam makes as large as any other. So the bias moves by up to a rate a step, one
  // way or the other, and running means move with it; all else agrees to rounding.
  const [noisy, exact] = [6 * 2 * RATE, 2e-5];
  const isNoise = (path: string): boolean => /trunk\.[048]\.bias|mean/.test(path);

  it('pre-trains to the weights that the cpu device gives, to rounding', async () => {
    const [own, other] = [await pretraining({ device: cpu }), await pretraining({ device })];
    const paths = pathsOf(own);
    const [a, b] = [leaves(own), leaves(other)];
    assert.equal(a.length, paths.length);
    a.forEach((x, i) => {
      assert.ok(distance(x, b[i]!) < (isNoise(paths[i]!) ? noisy : exact), `${paths[i]}: ${distance(x, b[i]!)}`);
    });
    assert.ok(distance(own.weights, weights) > RATE);
  });

  it('fine-tunes, prunes and is tested as on the cpu device, to rounding', async () => {
    for (const train of [fineTuning, pruning]) {
      const [own, other] = [await train({ device: cpu, epochs: 1 }), await train({ device, epochs: 1 })];
      assert.ok(distance(own, other) < 1e-5, `${distance(own, other)}`);
      assert.ok(distance(own.weights, weights) > 1e-3);
      const [settled, same] = [await settle(own, few, cpu), await settle(own, few, device)];
      assert.ok(distance(settled, same) < 1e-5, `${distance(settled, same)}`);
      assert.ok(distance(settled, own) > 0.1);
      const [error, close] = [await testError(settled, data, cpu), await testError(settled, data, device)];
      assert.ok(Math.abs(error - close) < 1e-5, `${error}, ${close}`);
    }
    assert.equal(device.memory().buffers, 0);
  });

  for (const [name, train] of Object.entries(trainings))
    it(`keeps as many buffers at each step of ${name}, and none at the end`, async () => {
      const counts: number[] = [];
      const tick = (): Promise<void> => {
        counts.push(device.memory().buffers);
        return Promise.resolve();
      };
      await train({ device, epochs: name === 'pre-training' ? 25 : 2, batch: 1, tick });
      assert.equal(counts.length, name === 'pre-training' ? 250 : 20);
      assert.equal(new Set(counts).size, 1, `live buffers: ${counts.join(' ')}`);
      assert.ok(counts[0]! > 0 && counts[0]! < 100, `${counts[0]}`);
      assert.equal(device.memory().buffers, 0);
    });

  it('leaves the trees as they are that a training starts from, on both kinds of devices', async () => {
    const before = values(model);
    for (const on of [cpu, device]) {
      const training = startPretraining(weights, data, { points: 10, epochs: 1, batch: 4, learningRate: RATE }, 7, on);
      const run = () => training.run(training.begin, quiet, () => undefined);
      const once = await run();
      assert.deepEqual(values(await run()), values(once));
      await fineTuning({ device: on, epochs: 1 });
      await pruning({ device: on, epochs: 1 });
      await settle(model, few, on);
    }
    assert.deepEqual(values(model), before);
  });
});

function pathsOf(tree: unknown, path = ''): string[] {
  if (tree instanceof Tensor) return [path];
  if (typeof tree !== 'object' || tree === null) return [];
  return Object.entries(tree).flatMap(([key, child]) => pathsOf(child, `${path}.${key}`));
}
