import { atLeast, oneOf, type Check } from '../core/check.js';
import { checkFloat, sameFloat } from '../core/op.js';
import { checkOptions } from '../core/options.js';
import { Tensor } from '../core/tensor.js';
import { mapLeaves } from '../core/tree.js';
import { show } from '../core/words.js';
import { sameShape } from '../core/shape.js';
import { abs, div, equal, like, mul, sqrt, where } from '../ops/index.js';
import { atLeastZero, hardThreshold, shrink } from './prox.js';

/** Which proximal step `jointMask` takes; metric paper, onZero keep and order jacobi by default. */
export interface JointMaskOptions {
  /**
   * Step size lr of the gradient step that came before. A tensor below 0 counts as 0. The same
   * holds for gamma.
   */
  readonly step: Tensor | number;
  /** Weight of the penalty gamma |ms mt|_1 (gamma |m|_0 each, for `l0`). */
  readonly gamma: Tensor | number;
  /**
   * Thresholds: lr gamma / |other| (paper), lr gamma |other| (euclidean), lr gamma (separate); `l0`
   * keeps |m| > sqrt(2 lr gamma).
   */
  readonly metric?: 'paper' | 'euclidean' | 'separate' | 'l0';
  /** What becomes of a mask whose other is 0 in the paper's metric: it stays, or is set to 0. */
  readonly onZero?: 'keep' | 'zero';
  /** Both masks from the old ones (jacobi), or mt from the new ms (gaussSeidel). */
  readonly order?: 'jacobi' | 'gaussSeidel';
}

/** A size: a scalar, or a number of at least 0. */
const aSize: Check<Tensor | number> = (who, name, value) => {
  if (!(value instanceof Tensor)) return atLeast(0)(who, name, value);
  if (checkFloat(who, value).shape.length > 0)
    throw new RangeError(`${who}: expected ${name} to be a scalar, got ${show(value.shape)}`);
  return value;
};

const checks = {
  step: { needed: aSize },
  gamma: { needed: aSize },
  metric: oneOf('paper', 'euclidean', 'separate', 'l0'),
  onZero: oneOf('keep', 'zero'),
  order: oneOf('jacobi', 'gaussSeidel'),
};

/**
 * The proximal step of Bi-RPT on its two mask trees (equations 10 and 11, with the other mask's
 * absolute value). If the other mask of a mask is absent, it counts as 1.
 * @param ms masks of the source task
 * @param mt masks of the target task
 * @example
 * const masks = jointMask({ w: tensor([0.1, 2]) }, { w: tensor([1, 1]) }, { step: 0.1, gamma: 1 });
 * masks.ms; // { w: float32[2] on cpu [0, 1.9] }
 */
export function jointMask<S, T>(ms: S, mt: T, options: JointMaskOptions): { ms: S; mt: T } {
  const {
    step,
    gamma,
    metric = 'paper',
    onZero = 'keep',
    order = 'jacobi',
  } = checkOptions('jointMask', options, checks);
  const prox = (m: Tensor, other?: Tensor): Tensor => {
    if (other && !sameShape(m.shape, other.shape))
      throw new RangeError(
        `jointMask: expected ms and mt of equal shapes, got masks ${show(m.shape)} and ${show(other.shape)}`,
      );
    sameFloat(
      'jointMask',
      [m, other, step, gamma].flatMap((x) => (x instanceof Tensor ? [x.dtype] : [])),
    );
    const size = (x: Tensor | number): Tensor => (x instanceof Tensor ? atLeastZero(x) : like(m, x));
    const t = mul(size(step), size(gamma));
    if (metric === 'l0') return hardThreshold(m, sqrt(mul(t, 2)));
    if (metric === 'separate' || !other) return shrink(m, t);
    if (metric === 'euclidean') return shrink(m, mul(t, abs(other)));
    const none = equal(other, 0);
    return shrink(m, where(none, onZero === 'keep' ? 0 : Infinity, div(t, where(none, 1, abs(other)))));
  };
  const shrinkAll = <M>(masks: M, others: unknown): M => mapLeaves('jointMask', prox, (x) => x, masks, others) as M;
  const nextS = shrinkAll(ms, mt);
  return { ms: nextS, mt: shrinkAll(mt, order === 'jacobi' ? ms : nextS) };
}
