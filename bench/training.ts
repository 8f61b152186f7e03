import { compile, grad, mapTree, mixedProduct, mul, sub, valueAndGrad, type Tensor } from 'bigrad';
import { hypergradient } from 'bigrad/bilevel';
import { adam, jointMask } from 'bigrad/optim';
import type { Case } from './case.js';
import { batch, gradientFlops, loss, start, type Batch, type TrunkMasks, type Weights } from './network.js';

const RATE = 1e-3;
const MASK_RATE = 3.5;
const GAMMA = 1e-4;

const descend = <T>(x: T, gradient: unknown, rate: number): T =>
  mapTree((p, g?: Tensor) => (g ? sub(p, mul(g, rate)) : p), x, gradient);

// Every run starts from the same weights, so that no run is easier than another.
// Flops: of the matrix products and convolutions, see `gradientFlops`.
const trainingStep = (n: number): Case => ({
  name: `training step, masked CNN, batch ${n}`,
  work: { flops: gradientFlops(n) },
  prepare: () => {
    const { weights, masks, statistics } = start();
    const optimizer = adam({ learningRate: RATE });
    const state = optimizer.init(weights);
    const data = batch(n);
    const step = valueAndGrad((w: Weights) => loss(w, 'simulated', [masks], data, statistics), { hasAux: true });
    return () => {
      const [[value, moved], gradient] = step(weights);
      return [value, moved, optimizer.update(gradient, state, weights)];
    };
  },
});

/** The same work by `compile`, everything that changes from step to step being an argument. */
const compiledStep = (n: number): Case => ({
  name: `training step, masked CNN, batch ${n}, compiled`,
  work: { flops: gradientFlops(n) },
  prepare: () => {
    const { weights, masks, statistics } = start();
    const optimizer = adam({ learningRate: RATE });
    const state = optimizer.init(weights);
    const data = batch(n);
    type State = ReturnType<typeof optimizer.init>;
    const step = compile((w: Weights, s: State, m: TrunkMasks, stats: typeof statistics, b: Batch) => {
      const f = (v: Weights) => loss(v, 'simulated', [m], b, stats);
      const [[value, moved], gradient] = valueAndGrad(f, { hasAux: true })(w);
      return [value, moved, optimizer.update(gradient, s, w)] as const;
    });
    return () => step(weights, state, masks, statistics, data);
  },
});

const compiledGradient: Case = {
  name: 'gated net, gradient, batch 16, compiled',
  work: { flops: gradientFlops(16) },
  prepare: () => {
    const { weights, masks, statistics } = start();
    const data = batch(16);
    const f = compile((w: Weights, m: TrunkMasks, b: Batch) =>
      grad((v: Weights) => loss(v, 'simulated', [m], b, statistics)[0])(w),
    );
    return () => f(weights, masks, data);
  },
};

const compiledMixed: Case = {
  name: 'gated net, mixed product, batch 16, compiled',
  prepare: () => {
    const { weights, masks, statistics } = start();
    const data = batch(16);
    const f = compile((w: Weights, m: TrunkMasks, b: Batch, v: Weights) =>
      mixedProduct((x: Weights, y: TrunkMasks) => loss(x, 'simulated', [y], b, statistics)[0], w, m, v),
    );
    const v = mapTree((x: Tensor) => mul(x, 0.5), weights);
    return () => f(weights, masks, data, v);
  },
};

/** The gradient of the gated network in its weights, and its mixed product with the masks. */
const GRADIENT = 'gated net, gradient, batch 16';
const MIXED = 'gated net, mixed product, batch 16';

const gradient: Case = {
  name: GRADIENT,
  work: { flops: gradientFlops(16) },
  prepare: () => {
    const { weights, masks, statistics } = start();
    const data = batch(16);
    const f = grad((w: Weights) => loss(w, 'simulated', [masks], data, statistics)[0]);
    return () => f(weights);
  },
};

const mixed: Case = {
  name: MIXED,
  prepare: () => {
    const { weights, masks, statistics } = start();
    const data = batch(16);
    const f = (w: Weights, m: TrunkMasks): Tensor => loss(w, 'simulated', [m], data, statistics)[0];
    const v = grad((w: Weights) => f(w, masks))(weights);
    return () => mixedProduct(f, weights, masks, v);
  },
};

/** One upper iteration of Bi-RPT: a lower step at batch 16, the hypergradient at a measured batch of 4, and the joint proximal step. */
const biRpt: Case = {
  name: 'Bi-RPT, upper iteration, paper mode, p = 1',
  prepare: () => {
    const { weights, masks, statistics } = start();
    const data = { lower: [batch(16)], upper: batch(4, 2) };
    const step = hypergradient({
      lower: (w: Weights, ms: TrunkMasks, b: Batch) => loss(w, 'simulated', [ms], b, statistics),
      upper: (w: Weights, { ms, mt }: { ms: TrunkMasks; mt: TrunkMasks }, b: Batch) =>
        loss(w, 'measured', [ms, mt], b, statistics),
      mode: 'paper',
      learningRate: RATE,
    });
    return () => {
      const { theta, dTheta, dMs, dMt } = step(weights, { ms: masks, mt: masks }, data);
      return [
        descend(theta, dTheta, RATE),
        jointMask(descend(masks, dMs, MASK_RATE), descend(masks, dMt, MASK_RATE), { step: MASK_RATE, gamma: GAMMA }),
      ];
    };
  },
};

const STEP = trainingStep(16);
export const cases: readonly Case[] = [
  ...[4, 16, 64, 256].flatMap((n) => [n === 16 ? STEP : trainingStep(n), compiledStep(n)]),
  gradient,
  compiledGradient,
  mixed,
  compiledMixed,
  biRpt,
];

/** Ratios of times worth reading: [what, numerator, denominator]. */
export const ratios: readonly (readonly [what: string, numerator: string, denominator: string])[] = [
  ['mixed product / gradient', MIXED, GRADIENT],
  ['mixed product / gradient, compiled', compiledMixed.name, compiledGradient.name],
  ['training step at batch 16, eager / compiled', STEP.name, `${STEP.name}, compiled`],
  ['Bi-RPT upper iteration / training step at batch 16', biRpt.name, STEP.name],
];
