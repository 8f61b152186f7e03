import { mul, mapTree, notEqual, type Backend, type Tensor } from 'bigrad';
import { density, layerDensity } from 'bigrad/nn';
import { meanSquaredError } from '../x-yield/index.js';
import type { PrunedModel } from './bi-rpt.js';
import { wholeBatch, type Dataset } from './dataset.js';
import { computed, scoped } from './device.js';
import { predict, type Statistics } from './network.js';
import type { Model, Observe } from './pretrain.js';
import { copyTo, toMainMemory } from './trees.js';

/**
 * What is left of the convolution weights, as fractions, overall and layer by layer: those whose
 * masks all are nonzero.
 */
export interface Density {
  readonly overall: number;
  readonly layers: readonly number[];
}

/** Strengths by the measured head, and the batch-norm statistics that running it leaves. */
function run(model: Model | PrunedModel, x: Tensor, training: boolean): [Tensor, Statistics] {
  const [masks, eps] = 'ms' in model ? [[model.ms, model.mt], model.eps] : [[], 1];
  const weights = { trunk: model.weights.trunk, head: model.weights.measured };
  return predict(weights, masks, eps, x, model.statistics, training);
}

const PASSES = 50; // 0.9^50: what was there before is gone to half a percent

/**
 * The model with batch-norm statistics taken anew from its training points. Running averages lag
 * behind weights and gates that moved until the end, and fitted on few small batches they are
 * noisy; the last weights deserve statistics of their own.
 */
export const settle = <M extends Model | PrunedModel>(model: M, train: Dataset, device: Backend): Promise<M> =>
  scoped(device, async () => {
    const { x } = wholeBatch(train, device);
    let now = copyTo(model, device);
    for (let i = 0; i < PASSES; i++) {
      now = { ...now, statistics: scoped(device, () => run(now, x, true)[1]) };
      await computed(now.statistics);
    }
    return { ...model, statistics: await toMainMemory(now.statistics) };
  });

/** Strengths of a data set by the measured head, in GPa. */
export const strengthsOf = (model: Model | PrunedModel, data: Dataset, device: Backend): Promise<number[]> =>
  scoped(device, async () => {
    const [strengths] = run(copyTo(model, device), wholeBatch(data, device).x, false);
    return Array.from(await strengths.read());
  });

/** Squared error of the measured head on a data set, in GPa^2. */
export const testError = async (model: Model | PrunedModel, data: Dataset, device: Backend): Promise<number> =>
  meanSquaredError(await strengthsOf(model, data, device), data.strengths);

/** A point of a learning curve: squared errors in GPa^2, by the running statistics. */
export interface CurvePoint {
  readonly epoch: number;
  readonly train: number;
  readonly test: number;
}

const POINTS = 15; // of a curve, and the start

/** What fills a learning curve, at about 15 epochs of a training. */
export const observer =
  (curve: CurvePoint[], epochs: number, train: Dataset, test: Dataset, device: Backend): Observe =>
  async (epoch, model) => {
    const every = Math.ceil(epochs / POINTS);
    if (epoch % every !== 0 && epoch !== epochs) return;
    const now = await model();
    curve.push({
      epoch,
      train: await testError(now, train, device),
      test: await testError(now, test, device),
    });
  };

export async function densityOf({ ms, mt }: PrunedModel): Promise<Density> {
  const joint = mapTree((a, b?: Tensor) => mul(notEqual(a, 0), notEqual(b ?? a, 0)), ms, mt);
  const layers = (layerDensity(joint) as readonly ({ weight?: Tensor } | undefined)[]).flatMap((m) =>
    m?.weight ? [m.weight] : [],
  );
  const [overall, ...each] = await Promise.all([density(joint), ...layers].map(async (d) => (await d.read())[0]!));
  return { overall: overall!, layers: each };
}
