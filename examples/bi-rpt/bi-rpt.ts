import { mapTree, mul, sub, type Tensor } from 'bigrad';
import { hypergradient } from 'bigrad/bilevel';
import { meanSquaredError } from 'bigrad/nn';
import { jointMask } from 'bigrad/optim';
import type { BiRptConfig, FineTuneConfig } from './config.js';
import { batchCount, batches, type Batch, type Dataset } from './dataset.js';
import { rateOf } from './fine-tune.js';
import { initTrunkMasks, predict, type Statistics, type TrunkMasks, type Weights } from './network.js';
import type { Model, Tick } from './pretrain.js';

/** A network pruned by two mask trees: ms learned through simulated data too, mt on measurements alone. */
export interface PrunedModel extends Model {
  readonly ms: TrunkMasks;
  readonly mt: TrunkMasks;
  /** Of the gates at the end. */
  readonly eps: number;
}

const descend = <T>(x: T, gradient: unknown, rate: number): T =>
  mapTree((p, g?: Tensor) => (g ? sub(p, mul(g, rate)) : p), x, gradient);

/**
 * Bi-RPT (Algorithm 2): each iteration takes `lowerSteps` steps of the weights on simulated batches under gates of ms, one step of the
 * weights on a measured batch under gates of ms and mt, one step of both masks down their hypergradients, and the joint proximal
 * step; eps decays every epoch. Simulated and measured batches keep batch-norm statistics of their own.
 */
export async function biRpt(
  start: Model,
  measured: Dataset,
  simulated: Dataset,
  fineTune: FineTuneConfig,
  config: BiRptConfig,
  seed: number,
  tick: Tick,
): Promise<PrunedModel> {
  let { weights, statistics } = start;
  let simulatedStatistics = start.statistics;
  let ms = initTrunkMasks(weights);
  let mt = initTrunkMasks(weights);
  let eps = config.eps;
  const upperBatches = batches(measured, fineTune.batch, seed);
  const lowerBatches = batches(simulated, config.lowerBatch, seed + 1);

  for (let epoch = 0; epoch < fineTune.epochs; epoch++) {
    const scale = rateOf(epoch, fineTune) / fineTune.learningRate;
    const epsNow = eps;
    const step = hypergradient({
      lower: (w: Weights, m: TrunkMasks, { x, y }: Batch): [Tensor, Statistics] => {
        const [strengths, next] = predict({ trunk: w.trunk, head: w.simulated }, [m], epsNow, x, simulatedStatistics);
        return [meanSquaredError(strengths, y), next];
      },
      upper: (w: Weights, masks: { ms: TrunkMasks; mt: TrunkMasks }, { x, y }: Batch): [Tensor, Statistics] => {
        const [strengths, next] = predict(
          { trunk: w.trunk, head: w.measured },
          [masks.ms, masks.mt],
          epsNow,
          x,
          statistics,
        );
        return [meanSquaredError(strengths, y), next];
      },
      mode: config.mode,
      learningRate: config.lowerRate * scale,
    });
    for (let i = 0; i < batchCount(measured, fineTune.batch); i++) {
      const lower = Array.from({ length: config.lowerSteps }, () => lowerBatches.next().value);
      const result = step(weights, { ms, mt }, { lower, upper: upperBatches.next().value });
      weights = descend(result.theta, result.dTheta, fineTune.learningRate * scale);
      ({ ms, mt } = jointMask(descend(ms, result.dMs, config.maskRate), descend(mt, result.dMt, config.maskRate), {
        step: config.maskRate,
        gamma: config.gamma,
        metric: config.metric,
      }));
      statistics = result.aux.upper;
      simulatedStatistics = result.aux.lower.at(-1)!;
      await tick();
    }
    eps = Math.max(config.epsFloor, eps * config.epsDecay);
  }
  return { weights, statistics, ms, mt, eps };
}
