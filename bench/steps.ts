import { compile, grad, mapTree, mixedProduct, mul, randomKey, stack, valueAndGrad, vmap, type Tensor } from 'bigrad';
import { hypergradient } from 'bigrad/bilevel';
import { adam, descend, jointMask, type AdamState } from 'bigrad/optim';
import { modeOf, type Mode } from './mode.js';
import {
  batch,
  initStatistics,
  initWeights,
  loss,
  start,
  type Batch,
  type Statistics,
  type TrunkMasks,
  type Weights,
} from './network.js';

// Each function makes what a run starts from, and returns the run. Every run starts from the same,
// so that none is easier than another. What changes from step to step in a program is an argument
// of what is compiled.

const RATE = 1e-3;
const MASK_RATE = 3.5;
const GAMMA = 1e-4;

/** Forward, backward and Adam of the network under masks. */
export function startStep(mode: Mode, data: Batch, { weights, masks, statistics } = start()) {
  const optimizer = adam({ learningRate: RATE });
  const state = optimizer.init(weights);
  const update = (w: Weights, s: typeof state, m: TrunkMasks, stats: Statistics, b: Batch) => {
    const f = (v: Weights) => loss(v, 'simulated', [m], b, stats);
    const [[value, moved], gradient] = valueAndGrad(f, { hasAux: true })(w);
    return [value, moved, optimizer.update(gradient, s, w)] as const;
  };
  const step = modeOf(mode)(update);
  return () => step(weights, state, masks, statistics, data);
}

/** Whether all networks take a step at once, by `vmap`, or one after another. */
export type How = 'at once' | 'in turn';

/** `count` networks with a batch each, and one Adam step of one of them, without masks. */
function ensemble(count: number, n: number) {
  const optimizer = adam({ learningRate: RATE });
  const step = (w: Weights, s: AdamState, stats: Statistics, b: Batch) => {
    const [[value, moved], gradient] = valueAndGrad((v: Weights) => loss(v, 'simulated', [], b, stats), {
      hasAux: true,
    })(w);
    return [...optimizer.update(gradient, s, w), moved, value] as const;
  };
  const each = Array.from({ length: count }, (_, i) => {
    const weights = initWeights(randomKey(i));
    return [weights, optimizer.init(weights), initStatistics(weights), batch(n, 2 * i)] as const;
  });
  const all = () => mapTree((...leaves: Tensor[]) => stack(leaves), each[0]!, ...each.slice(1));
  return { step, each, all };
}

/** One compiled step of each of `count` networks, always from the same state. */
export function startEnsemble(how: How, count: number, n: number) {
  const { step, each, all } = ensemble(count, n);
  if (how === 'at once') {
    const together = compile(vmap(step));
    const given = all();
    return () => together(...given);
  }
  const alone = compile(step);
  return () => each.map((one) => alone(...one));
}

/**
 * The same as training does it: each step starts from what the last one left, whose storage it
 * takes over. Networks that are trained one after another share one compiled step.
 */
export function startEnsembleLoop(how: How, count: number, n: number): () => void {
  const { step, each, all } = ensemble(count, n);
  const options = { donate: [0, 1, 2] };
  const one = how === 'at once' ? compile(vmap(step), options) : compile(step, options);
  const networks = (how === 'at once' ? [all()] : each).map(([w, state, statistics, data]) => {
    let moving = { w, state, statistics };
    return () => {
      const [weights, moments, moved] = one(moving.w, moving.state, moving.statistics, data);
      moving = { w: weights, state: moments, statistics: moved };
    };
  });
  return () => {
    for (const train of networks) train();
  };
}

/** The gradient of the gated network in its weights. */
export function startGradient(mode: Mode, data = batch(16), { weights, masks, statistics } = start()) {
  const gradient = (w: Weights, m: TrunkMasks, b: Batch) =>
    grad((v: Weights) => loss(v, 'simulated', [m], b, statistics)[0])(w);
  const f = modeOf(mode)(gradient);
  return () => f(weights, masks, data);
}

/** The mixed product with the masks of that gradient and half the weights. */
export function startMixed(mode: Mode, data = batch(16), { weights, masks, statistics } = start()) {
  const mixed = (w: Weights, m: TrunkMasks, b: Batch, v: Weights) =>
    mixedProduct((x: Weights, y: TrunkMasks) => loss(x, 'simulated', [y], b, statistics)[0], w, m, v);
  const f = modeOf(mode)(mixed);
  const v = mapTree((x: Tensor) => mul(x, 0.5), weights);
  return () => f(weights, masks, data, v);
}

/**
 * One upper iteration of Bi-RPT: a lower step at batch 16, the hypergradient at a measured batch of
 * 4, and the joint proximal step.
 */
export function startBiRpt(mode: Mode, lowerBatch = batch(16), upperBatch = batch(4, 2)) {
  const { weights, masks, statistics } = start();
  const iteration = (w: Weights, m: TrunkMasks, stats: Statistics, lower: Batch, upper: Batch) => {
    const { theta, dTheta, dMs, dMt, aux } = hypergradient({
      lower: (v: Weights, ms: TrunkMasks, b: Batch) => loss(v, 'simulated', [ms], b, stats),
      upper: (v: Weights, { ms, mt }: { ms: TrunkMasks; mt: TrunkMasks }, b: Batch) =>
        loss(v, 'measured', [ms, mt], b, stats),
      mode: 'paper',
      learningRate: RATE,
    })(w, { ms: m, mt: m }, { lower: [lower], upper });
    const [ms, mt] = [descend(m, dMs, MASK_RATE), descend(m, dMt, MASK_RATE)];
    return [descend(theta, dTheta, RATE), jointMask(ms, mt, { step: MASK_RATE, gamma: GAMMA }), aux] as const;
  };
  const f = modeOf(mode)(iteration);
  return () => f(weights, masks, statistics, lowerBatch, upperBatch);
}
