import type { Tensor } from '../core/tensor.js';
import { mapTree } from '../core/tree.js';
import { add, cast, div, like, mul, pow, sqrt, square, sub, zerosLike } from '../ops/index.js';
import { checkRange, checkRate, firstStep, rateAt, type LearningRate, type Optimizer } from './optimizer.js';

export interface AdamOptions {
  readonly learningRate: LearningRate;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly eps?: number;
  /** Added inside the root; above 0 it makes the derivative at zero gradient finite. */
  readonly epsRoot?: number;
  /** Added to the gradient as decay * p. */
  readonly weightDecay?: number;
}
export interface AdamState {
  readonly step: Tensor;
  readonly m: unknown;
  readonly v: unknown;
}

/**
 * Adam (Kingma and Ba 2015): m, v are running means of g and g^2; p -= rate m^ / (sqrt(v^ + epsRoot) + eps) with m^ = m / (1 - beta1^t)
 * and v^ = v / (1 - beta2^t). Parameters without a gradient stay.
 */
export function adam(options: AdamOptions): Optimizer<AdamState> {
  const { learningRate, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, epsRoot = 0, weightDecay = 0 } = options;
  checkRate('adam', learningRate);
  checkRange('adam', 'beta1', beta1, 0, 1);
  checkRange('adam', 'beta2', beta2, 0, 1);
  checkRange('adam', 'eps', eps, 0);
  checkRange('adam', 'epsRoot', epsRoot, 0);
  checkRange('adam', 'weightDecay', weightDecay, 0);
  const mix = (beta: number) => (old: Tensor, now?: Tensor) => (now ? add(mul(old, beta), mul(now, 1 - beta)) : old);
  return {
    init: (params) => ({
      step: firstStep('adam', params),
      m: mapTree(zerosLike, params),
      v: mapTree(zerosLike, params),
    }),
    update: (grads, state, params) => {
      const step = add(state.step, 1);
      const used = weightDecay > 0 ? mapTree((g, p) => add(g, mul(p!, weightDecay)), grads, params) : grads;
      const m = mapTree(mix(beta1), state.m, used);
      const v = mapTree(mix(beta2), state.v, mapTree(square, used));
      const moved = mapTree(
        (p, g?: Tensor, m1?: Tensor, v1?: Tensor) => {
          if (!g) return p;
          const correction = (beta: number) => sub(1, pow(like(p, beta), cast(step, p.dtype)));
          const root = (x: Tensor) => sqrt(epsRoot > 0 ? add(x, epsRoot) : x);
          const direction = div(div(m1!, correction(beta1)), add(root(div(v1!, correction(beta2))), eps));
          return sub(p, mul(direction, rateAt(learningRate, state.step, p)));
        },
        params,
        used,
        m,
        v,
      );
      return [moved, { step, m, v }];
    },
  };
}
