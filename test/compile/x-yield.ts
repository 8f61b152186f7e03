import { fromTypedArray, mapTree, mul, randomKey, sub, type Tensor } from 'bigrad';
import { hypergradient } from 'bigrad/bilevel';
import { meanSquaredError } from 'bigrad/nn';
import { adam, jointMask } from 'bigrad/optim';
import {
  initStatistics,
  initTrunkMasks,
  initWeights,
  predict,
  type Statistics,
  type TrunkMasks,
  type Weights,
} from '../../examples/bi-rpt/network.js';
import { lossAndGradient, type Branch } from '../../examples/bi-rpt/pretrain.js';

interface Batch {
  readonly x: Tensor;
  readonly y: Tensor;
}

/** A batch of made-up images. */
export const batchOf = (n: number, phase = 0): Batch => ({
  x: fromTypedArray(
    Float32Array.from({ length: n * 324 }, (_, i) => Math.sin(i + phase)),
    [n, 2, 9, 18],
  ),
  y: fromTypedArray(
    Float32Array.from({ length: n }, (_, i) => Math.cos(i + phase)),
    [n],
  ),
});

const optimizer = adam({ learningRate: 1e-3 });
type AdamState = ReturnType<typeof optimizer.init>;

/** What a step of pre-training starts from. */
export function startTraining(): [Branch, AdamState, Statistics] {
  const { trunk, simulated } = initWeights(randomKey(1));
  const params = { trunk, head: simulated };
  return [params, optimizer.init(params), initStatistics(initWeights(randomKey(1)))];
}

/** The X-Yield network's step of pre-training by Adam. */
export function trainingStep(w: Branch, s: AdamState, before: Statistics, batch: Batch) {
  const [[, after], gradient] = lossAndGradient(w, batch, before);
  return [...optimizer.update(gradient, s, w), after] as const;
}

export interface BiState {
  readonly weights: Weights;
  readonly masks: { readonly ms: TrunkMasks; readonly mt: TrunkMasks };
  readonly measured: Statistics;
  readonly simulated: Statistics;
}

/** What an iteration of Bi-RPT starts from. */
export function startBiRpt(): BiState {
  const weights = initWeights(randomKey(2));
  const [masks, statistics] = [initTrunkMasks(weights), initStatistics(weights)];
  return { weights, masks: { ms: masks, mt: masks }, measured: statistics, simulated: statistics };
}

const descend = <T>(x: T, g: unknown, rate: Tensor | number): T =>
  mapTree((p, d?: Tensor) => (d ? sub(p, mul(d, rate)) : p), x, g);

/**
 * One iteration of Bi-RPT: a step of the weights, the hypergradients, and the joint proximal step
 * of both masks.
 */
export function biRptIteration(state: BiState, lower: Batch, upper: Batch, eps: number, rate: number): BiState {
  const { weights, masks } = state;
  const run = (head: 'simulated' | 'measured', w: Weights, under: TrunkMasks[], { x, y }: Batch, s: Statistics) => {
    const [strengths, next] = predict({ trunk: w.trunk, head: w[head] }, under, eps, x, s);
    return [meanSquaredError(strengths, y), next] as const;
  };
  const g = hypergradient({
    lower: (w: Weights, m: TrunkMasks, b: Batch) => run('simulated', w, [m], b, state.simulated),
    upper: (w: Weights, m: BiState['masks'], b: Batch) => run('measured', w, [m.ms, m.mt], b, state.measured),
    mode: 'paper',
    learningRate: rate,
  })(weights, masks, { lower: [lower], upper });
  return {
    weights: descend(g.theta, g.dTheta, rate),
    masks: jointMask(descend(masks.ms, g.dMs, 3.5), descend(masks.mt, g.dMt, 3.5), { step: 3.5, gamma: 1e-4 }),
    measured: g.aux.upper,
    simulated: g.aux.lower.at(-1)!,
  };
}
