import { atLeast } from '../core/check.js';
import { checkOptions } from '../core/options.js';
import type { Tensor } from '../core/tensor.js';
import { mapFor } from '../core/tree.js';
import { add, div, mul, safeRoot, sqrt, square, sub, zerosLike } from '../ops/index.js';
import { aRate, checkUpdate, firstStep, rateAt, type LearningRate, type Optimizer } from './optimizer.js';

/** Options of `rmsprop`; decay is 0.99, momentum 0, eps 1e-8 and epsRoot 0 by default. */
export interface RmspropOptions {
  readonly learningRate: LearningRate;
  /** Weight of the old mean of squares. */
  readonly decay?: number;
  readonly momentum?: number;
  readonly eps?: number;
  /**
   * Added inside the root. Above 0 it bounds the derivative at zero gradient by rate /
   * sqrt(epsRoot); without it that derivative is rate / eps.
   */
  readonly epsRoot?: number;
}
/** State of `rmsprop`: trees like the parameters, and the step count (int32, 0 at first). */
export interface RmspropState {
  readonly step: Tensor;
  /** Running mean of squared gradients. */
  readonly v: unknown;
  /** Running sum of steps; absent without momentum. */
  readonly velocity?: unknown;
}

/**
 * RMSProp (Hinton 2012, as PyTorch): v = decay v + (1 - decay) g^2; d = g / (sqrt(v + epsRoot) +
 * eps); with momentum u = momentum u + d in the place of d; p -= rate d. Parameters without a
 * gradient stay.
 * @example
 * const optimizer = rmsprop({ learningRate: 0.1 });
 * const w = tensor([1, 2]);
 * const [moved, state] = optimizer.update(tensor([4, 4]), optimizer.init(w), w);
 * moved; // float32[2] on cpu [0, 1]
 */
export function rmsprop(options: RmspropOptions): Optimizer<RmspropState> {
  const {
    learningRate,
    decay = 0.99,
    momentum = 0,
    eps = 1e-8,
    epsRoot = 0,
  } = checkOptions('rmsprop', options, {
    learningRate: { needed: aRate },
    decay: atLeast(0, 1),
    momentum: atLeast(0, 1),
    eps: atLeast(0),
    epsRoot: atLeast(0),
  });
  const map = mapFor('rmsprop');
  return {
    init: (params) => ({
      step: firstStep('rmsprop', params),
      v: map(zerosLike, params),
      ...(momentum > 0 && { velocity: map(zerosLike, params) }),
    }),
    update: (grads, state, params) => {
      const {
        step,
        v: before,
        velocity,
      } = checkUpdate('rmsprop', grads, state, params, momentum > 0 ? ['v', 'velocity'] : ['v']);
      const v = map((old, g?: Tensor) => (g ? add(mul(old, decay), mul(square(g), 1 - decay)) : old), before, grads);
      const scaled = map((g, v1) => div(g, add(epsRoot > 0 ? sqrt(add(v1, epsRoot)) : safeRoot(v1), eps)), grads, v);
      const next =
        momentum > 0 ? map((u, d?: Tensor) => (d ? add(mul(u, momentum), d) : u), velocity, scaled) : undefined;
      const moved = map(
        (p, g?: Tensor, d?: Tensor) => (g ? sub(p, mul(d!, rateAt('rmsprop', learningRate, step, p))) : p),
        params,
        grads,
        next ?? scaled,
      );
      return [moved, { step: add(step, 1), v, ...(next !== undefined && { velocity: next }) }];
    },
  };
}
