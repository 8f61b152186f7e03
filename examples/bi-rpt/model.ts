import {
  copyTo,
  cpu,
  leaves,
  mapTree,
  mul,
  notEqual,
  randomKey,
  valueAndGrad,
  type Backend,
  type Tensor,
} from 'bigrad';
import { density, layerDensity } from 'bigrad/nn';
import { wholeBatch, type Batch, type Dataset } from '../lab/dataset.js';
import { computed, scoped } from '../lab/device.js';
import { type Branch, type Network, type Statistics, type TrunkMasks, type Weights } from '../lab/network.js';
import type { Context, Density, Prediction, Task, Trained } from '../lab/records.js';

/** A network with its batch-norm statistics, and the mask trees whose gates all multiply. */
export interface Model {
  readonly weights: Weights;
  readonly statistics: Statistics;
  readonly masks: readonly TrunkMasks[];
  /** Of the gates. */
  readonly eps: number;
}

/** So small an eps makes a gate of 1 exactly 1 in float32: masks of 0 and 1 cut, and no more. */
export const CUT = 1e-12;

/** Fresh weights of a seed, without masks. */
export function freshModel(network: Network, seed: number): Model {
  const weights = network.init(randomKey(seed));
  return { weights, statistics: network.statistics(weights), masks: [], eps: CUT };
}

/**
 * The loss of one level: its gradient in trunk and head under fixed masks, and the statistics moved
 * on.
 */
export const lossAndGradient = <I>(
  { network, task }: Pick<Context<I>, 'network' | 'task'>,
  masks: readonly TrunkMasks[] = [],
  eps = CUT,
) =>
  valueAndGrad(
    (branch: Branch, { x, y }: Batch, statistics: Statistics): [Tensor, Statistics] => {
      const [outputs, next] = network.apply(branch, masks, eps, x, statistics);
      return [task.loss(outputs, y), next];
    },
    { hasAux: true },
  );

function run(network: Network, model: Model, head: 'source' | 'target', x: Tensor, training: boolean) {
  const { weights, masks, eps, statistics } = model;
  return network.apply({ trunk: weights.trunk, head: weights[head] }, masks, eps, x, statistics, training);
}

const PASSES = 50; // 0.9^50: what was there before is gone to half a percent

/**
 * The model with batch-norm statistics taken anew from its training points. Running averages lag
 * behind weights and gates that moved until the end, and fitted on few small batches they are
 * noisy; the last weights deserve statistics of their own.
 */
export const settle = (network: Network, model: Model, train: Dataset, device: Backend): Promise<Model> =>
  scoped(device, async () => {
    const { x } = wholeBatch(train, device);
    let now = await copyTo(model, device);
    for (let i = 0; i < PASSES; i++) {
      now = { ...now, statistics: scoped(device, () => run(network, now, 'target', x, true)[1]) };
      await computed(now.statistics);
    }
    return { ...model, statistics: await copyTo(now.statistics, cpu) };
  });

const MOST = 1000; // items at a time

/** Predictions of a data set by one head. */
export const predictions = <I>(
  network: Network,
  task: Task<I>,
  model: Model,
  head: 'source' | 'target',
  data: Dataset,
  device: Backend,
): Promise<Prediction[]> =>
  scoped(device, async () => {
    const here = await copyTo(model, device);
    const size = data.inputs.length / data.count;
    const all: Prediction[] = [];
    for (let i = 0; i < data.count; i += MOST) {
      const count = Math.min(MOST, data.count - i);
      const part = {
        ...data,
        count,
        inputs: data.inputs.subarray(i * size, (i + count) * size),
        labels: data.labels.subarray(i, i + count),
      };
      const [outputs] = run(network, here, head, wholeBatch(part, device).x, false);
      const flat = await outputs.read();
      const rows = Array.from({ length: count }, (_, k) =>
        Array.from(flat.subarray(k * task.outputs, (k + 1) * task.outputs)),
      );
      all.push(...task.predictions(rows));
    }
    return all;
  });

/** What the masks leave of the convolution weights: those whose masks all are nonzero. */
export async function densityOf(masks: readonly TrunkMasks[]): Promise<Density | undefined> {
  const [first, ...others] = masks;
  if (!first) return undefined;
  const joint = others.reduce<TrunkMasks>(
    (all, m) => mapTree((a: Tensor, b?: Tensor) => mul(a, notEqual(b ?? a, 0)), all, m),
    mapTree((a: Tensor) => notEqual(a, 0), first),
  );
  const numbers = (values: readonly Tensor[]): Promise<number[]> =>
    Promise.all(values.map(async (d) => (await d.read())[0]!));
  const byLayer = (m: TrunkMasks): Promise<number[]> => numbers(leaves(layerDensity(m)));
  const [overall] = await numbers([density(joint)]);
  return {
    overall: overall!,
    layers: await byLayer(joint),
    ...(others.length > 0 && { masks: await Promise.all(masks.map(byLayer)) }),
  };
}

/** A model as what a method has learned; it predicts by the head of the target. */
export async function trained<I>(context: Context<I>, model: Model, bothHeads = false): Promise<Trained<I>> {
  const { network, task, device } = context;
  const kept = await densityOf(model.masks);
  return {
    predict: (items) => predictions(network, task, model, 'target', context.encode(items), device),
    ...(bothHeads && { predictSource: (data: Dataset) => predictions(network, task, model, 'source', data, device) }),
    ...(kept && { density: kept }),
  };
}

/** The same at the end of a training, with batch-norm statistics of the training items. */
export const finished = async <I>(context: Context<I>, model: Model): Promise<Trained<I>> =>
  trained(context, await settle(context.network, model, context.encode(context.train), context.device));
