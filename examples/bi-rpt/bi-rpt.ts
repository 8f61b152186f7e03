import type { Backend, Tensor } from 'bigrad';
import { hypergradient } from 'bigrad/bilevel';
import { meanSquaredError } from 'bigrad/nn';
import { jointMask } from 'bigrad/optim';
import type { BiRptConfig, FineTuneConfig } from './config.js';
import { batchCount, batches, type Batch, type Dataset } from './dataset.js';
import { descend } from './descend.js';
import { scoped } from './device.js';
import { rateOf } from './fine-tune.js';
import { initTrunkMasks, predict, type Statistics, type TrunkMasks, type Weights } from './network.js';
import type { Model, Observe, Tick } from './pretrain.js';
import { trainingStep } from './training-step.js';
import { copyTo, toMainMemory } from './trees.js';

/**
 * A network pruned by two mask trees: ms learned through simulated data too, mt on measurements
 * alone.
 */
export interface PrunedModel extends Model {
  readonly ms: TrunkMasks;
  readonly mt: TrunkMasks;
  /** Of the gates at the end. */
  readonly eps: number;
}

/** What an iteration takes and gives. */
interface State {
  readonly weights: Weights;
  readonly ms: TrunkMasks;
  readonly mt: TrunkMasks;
  /** Batch-norm statistics of measured and of simulated data. */
  readonly measured: Statistics;
  readonly simulated: Statistics;
}

/** What changes from epoch to epoch. */
interface Rates {
  readonly eps: number;
  readonly lower: number;
  readonly upper: number;
}

/**
 * One iteration of Bi-RPT (Algorithm 2): steps of the weights on simulated batches under gates of
 * ms, one step of the weights on a measured batch under gates of ms and mt, one step of both masks
 * down their hypergradients, and the joint proximal step.
 */
const iteration =
  ({ mode, maskRate, gamma, metric }: BiRptConfig) =>
  (state: State, batch: { lower: Batch[]; upper: Batch }, { eps, lower, upper }: Rates): State => {
    const { weights, ms, mt } = state;
    const gradients = hypergradient({
      lower: (w: Weights, m: TrunkMasks, { x, y }: Batch): [Tensor, Statistics] => {
        const [strengths, next] = predict({ trunk: w.trunk, head: w.simulated }, [m], eps, x, state.simulated);
        return [meanSquaredError(strengths, y), next];
      },
      upper: (w: Weights, m: { ms: TrunkMasks; mt: TrunkMasks }, { x, y }: Batch): [Tensor, Statistics] => {
        const [strengths, next] = predict({ trunk: w.trunk, head: w.measured }, [m.ms, m.mt], eps, x, state.measured);
        return [meanSquaredError(strengths, y), next];
      },
      mode,
      learningRate: lower,
    })(weights, { ms, mt }, batch);
    return {
      weights: descend(gradients.theta, gradients.dTheta, upper),
      ...jointMask(descend(ms, gradients.dMs, maskRate), descend(mt, gradients.dMt, maskRate), {
        step: maskRate,
        gamma,
        metric,
      }),
      measured: gradients.aux.upper,
      simulated: gradients.aux.lower.at(-1)!,
    };
  };

/**
 * Bi-RPT from pre-trained weights: an epoch is one pass over the measurements, after which eps and
 * the rates decay.
 */
export const biRpt = (
  start: Model,
  measured: Dataset,
  simulated: Dataset,
  fineTune: FineTuneConfig,
  config: BiRptConfig,
  seed: number,
  tick: Tick,
  device: Backend,
  observe: Observe = () => Promise.resolve(),
): Promise<PrunedModel> =>
  scoped(device, async () => {
    const step = trainingStep(device, iteration(config));
    const masks = initTrunkMasks(start.weights);
    const begin: State = {
      weights: start.weights,
      ms: masks,
      mt: masks,
      measured: start.statistics,
      simulated: start.statistics,
    };
    let state = copyTo(begin, device);
    let eps = config.eps;
    const now = async (): Promise<PrunedModel> => {
      const { weights, ms, mt, measured: statistics } = await toMainMemory(state);
      return { weights, statistics, ms, mt, eps };
    };
    await observe(0, now);
    const upperBatches = batches(measured, fineTune.batch, seed, device);
    const lowerBatches = batches(simulated, config.lowerBatch, seed + 1, device);
    for (let epoch = 0; epoch < fineTune.epochs; epoch++) {
      const upper = rateOf(epoch, fineTune);
      const rates = { eps, upper, lower: (config.lowerRate * upper) / fineTune.learningRate };
      for (let i = 0; i < batchCount(measured, fineTune.batch); i++) {
        const lower = Array.from({ length: config.lowerSteps }, () => lowerBatches.next().value);
        state = await step(state, { lower, upper: upperBatches.next().value }, rates);
        await tick();
      }
      eps = Math.max(config.epsFloor, eps * config.epsDecay);
      await observe(epoch + 1, now);
    }
    return now();
  });
