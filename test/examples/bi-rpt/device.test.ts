import assert from 'node:assert/strict';
import { cpu, leaves, Tensor, type Backend } from 'bigrad';
import { gpu, type Device } from 'bigrad/gpu';
import { biRpt } from '../../../examples/bi-rpt/bi-rpt.js';
import { fineTune } from '../../../examples/bi-rpt/fine-tune.js';
import { freshModel, predictions, settle, type Model } from '../../../examples/bi-rpt/model.js';
import { beginPretraining, trainOnSource } from '../../../examples/bi-rpt/pretrain.js';
import type { Tick } from '../../../examples/lab/records.js';
import { contextOf, encoded, items } from './context.js';

const network = contextOf({}).network;
const model: Model = freshModel(network, 1);
const RATE = 1e-3;
const few = encoded(items(3, 2));
const data = encoded(items(10, 1));

interface Run {
  readonly device: Backend;
  readonly epochs?: number;
  readonly batch?: number;
  readonly tick?: Tick;
}
const context = ({ device, epochs = 2, batch = 4, tick }: Run) => ({
  ...contextOf({
    device,
    ...(tick && { tick }),
    sizes: {
      pretrain: { epochs, batch, rate: RATE },
      fineTune: { epochs, batch, rate: 1e-2, schedule: 'thirds' as const },
    },
  }),
  shared: () => Promise.resolve(model as never),
});
const pretraining = (run: Run) => trainOnSource(context(run), beginPretraining(model), run.epochs ?? 2, 7);
const fineTuning = (run: Run) => fineTune(context(run), model, { trust: 0 });
const pruning = (run: Run) => biRpt.train(context(run), biRpt.config);
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
    for (const part of ['params', 'statistics'] as const) {
      const [a, b, paths] = [leaves(own[part]), leaves(other[part]), pathsOf(own[part])];
      assert.equal(a.length, paths.length);
      a.forEach((x, i) => {
        assert.ok(distance(x, b[i]!) < (isNoise(paths[i]!) ? noisy : exact), `${paths[i]}: ${distance(x, b[i]!)}`);
      });
    }
    assert.ok(distance(own.params.trunk, model.weights.trunk) > RATE);
  });

  it('fine-tunes, settles and predicts as on the cpu device, to rounding', async () => {
    const [own, other] = [await fineTuning({ device: cpu, epochs: 1 }), await fineTuning({ device, epochs: 1 })];
    assert.ok(distance(own, other) < 1e-5, `${distance(own, other)}`);
    assert.ok(distance(own.weights, model.weights) > 1e-3);
    const [settled, same] = [await settle(network, own, few, cpu), await settle(network, own, few, device)];
    assert.ok(distance(settled, same) < 1e-5, `${distance(settled, same)}`);
    assert.ok(distance(settled, own) > 0.1);
    const { task } = contextOf({});
    const said = await Promise.all([cpu, device].map((on) => predictions(network, task, settled, 'target', data, on)));
    said[0]!.forEach((p, i) => {
      assert.ok(Math.abs(p[0]! - said[1]![i]![0]!) < 1e-4);
    });
    assert.equal(device.memory().buffers, 0);
  });

  it('prunes as on the cpu device, to rounding', async () => {
    const [own, other] = [await pruning({ device: cpu, epochs: 1 }), await pruning({ device, epochs: 1 })];
    const [a, b] = [await own.predict(items(5, 4)), await other.predict(items(5, 4))];
    a.forEach((p, i) => {
      assert.ok(Math.abs(p[0]! - b[i]![0]!) < 1e-4, `${p[0]}, ${b[i]![0]}`);
    });
    assert.deepEqual(own.density, other.density);
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
      const once = await pretraining({ device: on, epochs: 1 });
      assert.deepEqual(values(await pretraining({ device: on, epochs: 1 })), values(once));
      await fineTuning({ device: on, epochs: 1 });
      await pruning({ device: on, epochs: 1 });
      await settle(network, model, few, on);
    }
    assert.deepEqual(values(model), before);
  });
});

function pathsOf(tree: unknown, path = ''): string[] {
  if (tree instanceof Tensor) return [path];
  if (typeof tree !== 'object' || tree === null) return [];
  return Object.entries(tree).flatMap(([key, child]) => pathsOf(child, `${path}.${key}`));
}
