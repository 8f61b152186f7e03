import type { Tensor } from '../core/tensor.js';
import { mapTree } from '../core/tree.js';
import { add, mul, sub, zerosLike } from '../ops/index.js';
import { checkRange, checkRate, firstStep, rateAt, type LearningRate, type Optimizer } from './optimizer.js';

export interface SgdOptions {
  readonly learningRate: LearningRate;
  readonly momentum?: number;
  readonly nesterov?: boolean;
  readonly weightDecay?: number;
}
export interface SgdState {
  readonly step: Tensor;
  /** Running sums of gradients; absent without momentum. */
  readonly velocity?: unknown;
}

/**
 * Stochastic gradient descent as PyTorch defines it: g += decay p; v = momentum v + g; p -= rate v, or rate (g + momentum v) with nesterov.
 * Parameters without a gradient stay.
 */
export function sgd({
  learningRate,
  momentum = 0,
  nesterov = false,
  weightDecay = 0,
}: SgdOptions): Optimizer<SgdState> {
  checkRate('sgd', learningRate);
  checkRange('sgd', 'momentum', momentum, 0, 1);
  checkRange('sgd', 'weightDecay', weightDecay, 0);
  if (nesterov && momentum === 0) throw new RangeError('sgd: expected momentum above 0 with nesterov, got 0');
  return {
    init: (params) => ({
      step: firstStep('sgd', params),
      ...(momentum > 0 && { velocity: mapTree(zerosLike, params) }),
    }),
    update: (grads, { step, velocity }, params) => {
      const decayed = mapTree(
        (p, g?: Tensor) => (g ? (weightDecay > 0 ? add(g, mul(p, weightDecay)) : g) : zerosLike(p)),
        params,
        grads,
      );
      const v = momentum > 0 ? mapTree((old, g) => add(mul(old, momentum), g!), velocity, decayed) : undefined;
      const direction = !v ? decayed : nesterov ? mapTree((g, u) => add(g, mul(u!, momentum)), decayed, v) : v;
      const moved = mapTree(
        (p, g?: Tensor, d?: Tensor) => (g ? sub(p, mul(d!, rateAt(learningRate, step, p))) : p),
        params,
        grads,
        direction,
      );
      return [moved, { step: add(step, 1), ...(v !== undefined && { velocity: v }) }];
    },
  };
}
