import { checkOptions } from '../core/options.js';
import type { Tensor } from '../core/tensor.js';
import { mapTree } from '../core/tree.js';
import { add, mul, sub, zerosLike } from '../ops/index.js';
import {
  checkUpdate,
  checkRange,
  checkRate,
  firstStep,
  rateAt,
  type LearningRate,
  type Optimizer,
} from './optimizer.js';

/** Options of `sgd`; momentum and weightDecay are 0 and nesterov is false by default. */
export interface SgdOptions {
  readonly learningRate: LearningRate;
  readonly momentum?: number;
  readonly nesterov?: boolean;
  readonly weightDecay?: number;
}
/** State of `sgd`: the step count (int32, 0 at first) and, with momentum, a tree like the parameters. */
export interface SgdState {
  readonly step: Tensor;
  /** Running sums of gradients; absent without momentum. */
  readonly velocity?: unknown;
}

/**
 * Stochastic gradient descent as PyTorch defines it: g += decay p; v = momentum v + g; p -= rate v, or rate (g + momentum v) with nesterov.
 * Parameters without a gradient stay.
 */
export function sgd(options: SgdOptions): Optimizer<SgdState> {
  checkOptions('sgd', options, ['learningRate', 'momentum', 'nesterov', 'weightDecay']);
  const { learningRate, momentum = 0, nesterov = false, weightDecay = 0 } = options;
  checkRate('sgd', learningRate);
  checkRange('sgd', 'momentum', momentum, 0, 1);
  checkRange('sgd', 'weightDecay', weightDecay, 0);
  if (nesterov && momentum === 0) throw new RangeError('sgd: expected momentum above 0 with nesterov, got 0');
  return {
    init: (params) => ({
      step: firstStep('sgd', params),
      ...(momentum > 0 && { velocity: mapTree(zerosLike, params) }),
    }),
    update: (grads, state, params) => {
      const { step, velocity } = checkUpdate('sgd', grads, state, params);
      const decayed = weightDecay > 0 ? mapTree((g, p) => add(g, mul(p!, weightDecay)), grads, params) : grads;
      const v =
        momentum > 0
          ? mapTree((old, g?: Tensor) => (g ? add(mul(old, momentum), g) : old), velocity, decayed)
          : undefined;
      const moved = mapTree(
        (p, g?: Tensor, u?: Tensor) => {
          if (!g) return p;
          const direction = !u ? g : nesterov ? add(g, mul(u, momentum)) : u;
          return sub(p, mul(direction, rateAt(learningRate, step, p)));
        },
        params,
        decayed,
        v,
      );
      return [moved, { step: add(step, 1), ...(v !== undefined && { velocity: v }) }];
    },
  };
}
