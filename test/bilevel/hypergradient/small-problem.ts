import { add, gate, grad, matmul, mean, mul, square, stopGradient, sub, sum, tanh, type Tensor } from 'bigrad';
import { unroll } from 'bigrad/bilevel';
import { tensors, wave } from '../../support/numbers.js';
import fc from 'fast-check';

// A two-layer network of gated weights, small enough for differences; interfaces, as users write
// them.
export interface Theta {
  first: Tensor;
  rest: { last: Tensor }[];
}
export interface Ms {
  first: Tensor;
}
export interface Batch {
  x: Tensor;
  y: Tensor;
}

export const problems: fc.Arbitrary<{ theta: Theta; ms: Ms; mt: Ms }> = fc
  .tuple(tensors([3, 2]), tensors([2]), tensors([3, 2]), tensors([1, 2]))
  .map(([first, last, s, t]) => ({ theta: { first, rest: [{ last }] }, ms: { first: s }, mt: { first: t } }));

export const batches = (p: number): { lower: Batch[]; upper: Batch } => {
  const batch = (i: number): Batch => ({ x: wave([4, 3], 5 * i), y: wave([4], 7 * i + 1) });
  return { lower: Array.from({ length: p }, (_, i) => batch(i)), upper: batch(p) };
};

const predict = (theta: Theta, masks: Ms[], x: Tensor): Tensor => {
  const w = masks.reduce((product, m) => mul(product, gate(m.first, 0.4)), theta.first);
  return matmul(tanh(matmul(x, w)), theta.rest[0]!.last);
};
export const lower = (theta: Theta, ms: Ms, { x, y }: Batch): [Tensor, { residual: Tensor }] => {
  const residual = sub(predict(theta, [ms], x), y);
  return [mean(square(residual)), { residual }];
};
/** Reads ms also beside the weights, so that the partial derivative in ms is not zero. */
export const upper = (theta: Theta, { ms, mt }: { ms: Ms; mt: Ms }, { x, y }: Batch): [Tensor, string] => [
  add(mean(square(sub(predict(theta, [ms, mt], x), y))), mul(sum(square(ms.first)), 0.05)),
  'of the upper level',
];

export interface State {
  theta: Theta;
  ms: Ms;
}
export const descend = <X>(x: X, g: X, rate: number): X => {
  const walk = (a: unknown, b: unknown): unknown =>
    Array.isArray(a)
      ? a.map((v, i) => walk(v, (b as unknown[])[i]))
      : 'shape' in (a as object)
        ? sub(a as Tensor, mul(b as Tensor, rate))
        : Object.fromEntries(Object.entries(a as object).map(([k, v]) => [k, walk(v, (b as never)[k])]));
  return walk(x, g) as X;
};

/** One step of the lower level: both move from the old values. */
export function step({ theta, ms }: State, batch: Batch, lr: number, maskRate: number): State {
  const g = grad((s: State) => lower(s.theta, s.ms, batch)[0])({ theta, ms });
  return { theta: descend(theta, g.theta, lr), ms: maskRate === 0 ? ms : descend(ms, g.ms, maskRate) };
}

/** The state after the first `count` lower steps. */
export const run = (state: State, { lower }: { lower: Batch[] }, count: number, lr: number, maskRate: number): State =>
  unroll((s, i) => step(s, lower[i]!, lr, maskRate), state, count);

/**
 * The upper loss as one function of the state before the last K steps: what the hypergradient is
 * the gradient of.
 */
export function lastSteps(all: ReturnType<typeof batches>, K: number, lr: number, maskRate: number) {
  const from = Math.max(0, all.lower.length - K);
  return {
    from: (state: State): State => stopGradient(run(state, all, from, lr, maskRate)),
    loss: (state: State, mt: Ms): Tensor => {
      const end = run(state, { lower: all.lower.slice(from) }, all.lower.length - from, lr, maskRate);
      return upper(end.theta, { ms: end.ms, mt }, all.upper)[0];
    },
  };
}
