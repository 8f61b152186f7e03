import { atLeast } from '../core/check.js';
import { checkOptions } from '../core/options.js';
import type { Tensor } from '../core/tensor.js';
import { flatten, mapFor } from '../core/tree.js';
import { adamStep, add, cast, expm1, full, mul, neg, sub, zerosLike } from '../ops/index.js';
import { aRate, checkUpdate, firstStep, rateAt, type LearningRate, type Optimizer } from './optimizer.js';

/** Options of `adam` and `adamw`; beta1 is 0.9, beta2 0.999, eps 1e-8 and epsRoot 0 by default. */
export interface AdamOptions {
  readonly learningRate: LearningRate;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly eps?: number;
  /**
   * Added inside the root. Above 0 it bounds the derivative at zero gradient by rate /
   * sqrt(epsRoot); without it that derivative is rate / eps.
   */
  readonly epsRoot?: number;
  /** decay * p, added to the gradient (adam) or to the step (adamw). */
  readonly weightDecay?: number;
}
/**
 * State of `adam` and `adamw`: trees m and v like the parameters, and the step count (int32, 0 at
 * first).
 */
export interface AdamState {
  readonly step: Tensor;
  readonly m: unknown;
  readonly v: unknown;
}

const checks = {
  learningRate: { needed: aRate },
  beta1: atLeast(0, 1),
  beta2: atLeast(0, 1),
  eps: atLeast(0),
  epsRoot: atLeast(0),
  weightDecay: atLeast(0),
};

/**
 * Adam (Kingma and Ba 2015): m, v are running means of g and g^2; p -= rate m^ / (sqrt(v^ +
 * epsRoot) + eps) with m^ = m / (1 - beta1^t) and v^ = v / (1 - beta2^t). Parameters without a
 * gradient stay.
 * @example
 * const optimizer = adam({ learningRate: 0.1 });
 * let w = tensor([1, 2]);
 * let state = optimizer.init(w);
 * const gradient = grad((v) => sum(square(v)));
 * for (let i = 0; i < 100; i++) [w, state] = optimizer.update(gradient(w), state, w);
 * less(max(abs(w)), 0.01); // float32[] on cpu 1
 */
export const adam = (options: AdamOptions): Optimizer<AdamState> =>
  adaptive('adam', checkOptions('adam', options, checks), false);

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter 2019): the step is that of Adam plus rate
 * decay p. decay is 0.01 by default.
 * @example
 * const optimizer = adamw({ learningRate: 0.1, weightDecay: 0.5 });
 * const w = tensor([1, 2]);
 * const [moved, state] = optimizer.update(tensor([4, 4]), optimizer.init(w), w);
 * moved; // float32[2] on cpu [0.85, 1.8]
 */
export const adamw = (options: AdamOptions): Optimizer<AdamState> =>
  adaptive('adamw', { weightDecay: 0.01, ...checkOptions('adamw', options, checks) }, true);

function adaptive(who: string, options: AdamOptions, decoupled: boolean): Optimizer<AdamState> {
  const { learningRate, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, epsRoot = 0, weightDecay = 0 } = options;
  const map = mapFor(who);
  const attrs = { beta1, beta2, eps, epsRoot };
  const coupledDecay = decoupled ? 0 : weightDecay;
  const ownDecay = decoupled ? weightDecay : 0;

  /** The rate, 1 - beta1^t and 1 - beta2^t as scalars of a parameter's dtype. */
  const scalarsAt = (before: Tensor, step: Tensor) =>
    perDType((like) => {
      // Without the cancellation that a beta near 1 brings in float32.
      const correction = (beta: number) => neg(expm1(mul(cast(step, like.dtype), Math.log(beta))));
      const rate = rateAt(who, learningRate, before, like);
      const scalar = typeof rate === 'number' ? full(like.device, [], rate, like.dtype) : rate;
      return [scalar, correction(beta1), correction(beta2)] as const;
    });

  return {
    init: (params) => ({
      step: firstStep(who, params),
      m: map(zerosLike, params),
      v: map(zerosLike, params),
    }),
    update: (given, state, params) => {
      const step = add(checkUpdate(who, given, state, params, ['m', 'v']).step, 1);
      const grads = coupledDecay > 0 ? map((g, p) => add(g, mul(p, coupledDecay)), given, params) : given;
      const scalarsOf = scalarsAt(state.step, step);
      const decayed = (p: Tensor) => (ownDecay > 0 ? sub(p, mul(p, mul(scalarsOf(p)[0], ownDecay))) : p);
      const [ms, vs]: [Tensor[], Tensor[]] = [[], []];
      const move = (p: Tensor, g?: Tensor, m?: Tensor, v?: Tensor): Tensor => {
        const [p1, m1, v1] = g ? adamStep([decayed(p), g, m!, v!, ...scalarsOf(p)], attrs) : [p, m!, v!];
        ms.push(m1);
        vs.push(v1);
        return p1;
      };
      const moved = map(move, params, grads, state.m, state.v);
      const { rebuild } = flatten<unknown>(who, params);
      return [moved, { step, m: rebuild(ms), v: rebuild(vs) }];
    },
  };
}

/** What `make` gives for the first tensor of each dtype. */
function perDType<T>(make: (like: Tensor) => T): (like: Tensor) => T {
  const made = new Map<string, T>();
  return (like) => {
    const known = made.get(like.dtype) ?? make(like);
    made.set(like.dtype, known);
    return known;
  };
}
