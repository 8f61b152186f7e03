import { randomKey, valueAndGrad } from 'bigrad';
import { hypergradient } from 'bigrad/bilevel';
import { adam, descend, jointMask } from 'bigrad/optim';
import {
  initStatistics,
  initTrunkMasks,
  initWeights,
  loss,
  type Batch,
  type Statistics,
  type TrunkMasks,
  type Weights,
} from '../../bench/network.js';

const optimizer = adam({ learningRate: 1e-3 });
type AdamState = ReturnType<typeof optimizer.init>;

/** What pre-training trains. */
type Branch = Pick<Weights, 'trunk'> & { readonly head: Weights['simulated'] };

const lossAndGradient = valueAndGrad(
  ({ trunk, head }: Branch, batch: Batch, before: Statistics) =>
    loss({ trunk, simulated: head, measured: head }, 'simulated', [], batch, before),
  { hasAux: true },
);

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

/**
 * One iteration of Bi-RPT: a step of the weights, the hypergradients, and the joint proximal step
 * of both masks.
 */
export function biRptIteration(state: BiState, lower: Batch, upper: Batch, eps: number, rate: number): BiState {
  const { weights, masks } = state;
  const g = hypergradient({
    lower: (w: Weights, m: TrunkMasks, b: Batch) => loss(w, 'simulated', [m], b, state.simulated, eps),
    upper: (w: Weights, m: BiState['masks'], b: Batch) => loss(w, 'measured', [m.ms, m.mt], b, state.measured, eps),
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
