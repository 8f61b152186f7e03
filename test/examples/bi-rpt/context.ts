import { cpu, globalAvgPool2d, relu, type Backend } from 'bigrad';
import { batchNorm2d, conv, flatten, linear, sequential } from 'bigrad/nn';
import type { Dataset } from '../../../examples/lab/dataset.js';
import { twoHeads, type Network } from '../../../examples/lab/network.js';
import type { Context, Sizes, Tick } from '../../../examples/lab/records.js';
import { sampleGrid, seeded, yieldStrength, type Measurement } from '../../../examples/x-yield/index.js';
import { TASKS } from '../../../examples/x-yield/tasks.js';
import { alloys, SIZES } from '../../../examples/x-yield/testbed.js';

const testbed = alloys(null, 'rptr');
const [task] = TASKS;

/** A network of two small convolutions, which trains in no time. */
export const SMALL: Network = twoHeads(
  'small',
  sequential([
    conv(2, 3, 3, { stride: 3 }),
    batchNorm2d(3),
    relu,
    conv(3, 5, 3, { padding: 1 }),
    batchNorm2d(5),
    relu,
    globalAvgPool2d,
    flatten,
  ]),
  linear(5, 1),
);

/** Simulated alloys, as if they were measured. */
export const items = (n: number, seed: number): Measurement[] =>
  sampleGrid(n, seeded(seed)).map((a) => ({ ...a, strength: yieldStrength(a.fractions, a.temperature) }));

/** Inputs and labels of alloys. */
export const encoded = (of: readonly Measurement[]): Dataset => ({
  count: of.length,
  shape: testbed.shape,
  inputs: testbed.inputs(of),
  labels: Float32Array.from(of, (item) => item.strength),
});

/** A context of a few alloys, whose shared trees are made anew at each call. */
export function contextOf(options: {
  readonly train?: readonly Measurement[];
  readonly source?: readonly Measurement[];
  readonly sizes?: Partial<Sizes>;
  readonly device?: Backend;
  readonly tick?: Tick;
  readonly network?: Network;
}): Context<Measurement> {
  const { train = items(10, 1), source = items(10, 1), device = cpu, tick = () => Promise.resolve() } = options;
  return {
    task: task!,
    network: options.network ?? testbed.network(1),
    train,
    sizes: {
      ...SIZES.quick,
      points: source.length,
      pretrain: { epochs: 2, batch: 4, rate: 1e-3 },
      fineTune: { epochs: 2, batch: 4, rate: 1e-2, schedule: 'thirds' },
      ...options.sizes,
    },
    seed: 3,
    device,
    encode: encoded,
    source: () => encoded(source),
    shared: (_what, begin, make) => make(begin, () => undefined),
    tick,
    watch: () => Promise.resolve(),
  };
}
