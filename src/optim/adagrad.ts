import { atLeast } from '../core/check.js';
import { isFloat } from '../core/dtype.js';
import { checkOptions } from '../core/options.js';
import type { Tensor } from '../core/tensor.js';
import { mapFor } from '../core/tree.js';
import { add, div, like, mul, safeRoot, sqrt, square, sub } from '../ops/index.js';
import { aRate, checkUpdate, firstStep, rateAt, type LearningRate, type Optimizer } from './optimizer.js';

/** Options of `adagrad`; initial is 0, eps 1e-10 and epsRoot 0 by default. */
export interface AdagradOptions {
  readonly learningRate: LearningRate;
  /** Start of the sums of squares. */
  readonly initial?: number;
  readonly eps?: number;
  /**
   * Added inside the root. Above 0 it bounds the derivative at zero gradient by rate /
   * sqrt(epsRoot); without it that derivative is rate / eps.
   */
  readonly epsRoot?: number;
}
/** State of `adagrad`: trees like the parameters, and the step count (int32, 0 at first). */
export interface AdagradState {
  readonly step: Tensor;
  /** Sum of squared gradients. */
  readonly v: unknown;
}

/**
 * Adagrad (Duchi, Hazan and Singer 2011): v += g^2; p -= rate g / (sqrt(v + epsRoot) + eps).
 * Parameters without a gradient stay.
 * @example
 * const optimizer = adagrad({ learningRate: 0.1 });
 * const w = tensor([1, 2]);
 * const [moved, state] = optimizer.update(tensor([4, 4]), optimizer.init(w), w);
 * moved; // float32[2] on cpu [0.9, 1.9]
 */
export function adagrad(options: AdagradOptions): Optimizer<AdagradState> {
  const {
    learningRate,
    initial = 0,
    eps = 1e-10,
    epsRoot = 0,
  } = checkOptions('adagrad', options, {
    learningRate: { needed: aRate },
    initial: atLeast(0),
    eps: atLeast(0),
    epsRoot: atLeast(0),
  });
  const map = mapFor('adagrad');
  return {
    init: (params) => ({
      step: firstStep('adagrad', params),
      v: map((p) => like(p, isFloat(p.dtype) ? initial : 0, p.shape), params),
    }),
    update: (grads, state, params) => {
      const { step, v: before } = checkUpdate('adagrad', grads, state, params, ['v']);
      const v = map((old, g?: Tensor) => (g ? add(old, square(g)) : old), before, grads);
      const moved = map(
        (p, g?: Tensor, v1?: Tensor) => {
          if (!g) return p;
          const root = epsRoot > 0 ? sqrt(add(v1!, epsRoot)) : safeRoot(v1!);
          return sub(p, mul(div(g, add(root, eps)), rateAt('adagrad', learningRate, step, p)));
        },
        params,
        grads,
        v,
      );
      return [moved, { step: add(step, 1), v }];
    },
  };
}
