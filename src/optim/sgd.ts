import { atLeast, flag } from '../core/check.js';
import { checkOptions } from '../core/options.js';
import type { Tensor } from '../core/tensor.js';
import { mapFor } from '../core/tree.js';
import { add, mul, sub, zerosLike } from '../ops/index.js';
import { aRate, checkUpdate, firstStep, rateAt, type LearningRate, type Optimizer } from './optimizer.js';

/** Options of `sgd`; momentum and weightDecay are 0 and nesterov is false by default. */
export interface SgdOptions {
  readonly learningRate: LearningRate;
  readonly momentum?: number;
  readonly nesterov?: boolean;
  readonly weightDecay?: number;
}
/**
 * State of `sgd`: the step count (int32, 0 at first) and, with momentum, a tree like the
 * parameters.
 */
export interface SgdState {
  readonly step: Tensor;
  /** Running sums of gradients; absent without momentum. */
  readonly velocity?: unknown;
}

/**
 * Stochastic gradient descent as PyTorch defines it: g += decay p; v = momentum v + g; p -= rate v,
 * or rate (g + momentum v) with nesterov. Parameters without a gradient stay.
 * @example
 * const optimizer = sgd({ learningRate: 0.1, momentum: 0.9 });
 * const w = tensor([1, 2]);
 * const [moved, state] = optimizer.update(tensor([1, 1]), optimizer.init(w), w);
 * moved; // float32[2] on cpu [0.9, 1.9]
 */
export function sgd(options: SgdOptions): Optimizer<SgdState> {
  const {
    learningRate,
    momentum = 0,
    nesterov = false,
    weightDecay = 0,
  } = checkOptions('sgd', options, {
    learningRate: { needed: aRate },
    momentum: atLeast(0, 1),
    nesterov: flag,
    weightDecay: atLeast(0),
  });
  const map = mapFor('sgd');
  if (nesterov && momentum === 0) throw new RangeError('sgd: expected momentum above 0 with nesterov, got 0');
  return {
    init: (params) => ({
      step: firstStep('sgd', params),
      ...(momentum > 0 && { velocity: map(zerosLike, params) }),
    }),
    update: (grads, state, params) => {
      const { step, velocity } = checkUpdate('sgd', grads, state, params, momentum > 0 ? ['velocity'] : []);
      const decayed = weightDecay > 0 ? map((g, p) => add(g, mul(p, weightDecay)), grads, params) : grads;
      const v =
        momentum > 0 ? map((old, g?: Tensor) => (g ? add(mul(old, momentum), g) : old), velocity, decayed) : undefined;
      const moved = map(
        (p, g?: Tensor, u?: Tensor) => {
          if (!g) return p;
          const direction = !u ? g : nesterov ? add(g, mul(u, momentum)) : u;
          return sub(p, mul(direction, rateAt('sgd', learningRate, step, p)));
        },
        params,
        decayed,
        v,
      );
      return [moved, { step: add(step, 1), ...(v !== undefined && { velocity: v }) }];
    },
  };
}
