import { checkOptions } from '../core/options.js';
import { Tensor } from '../core/tensor.js';
import { mapLeaves } from '../core/tree.js';
import { kindOf } from '../core/dtype.js';
import { sameShape, show } from '../core/shape.js';
import { abs, div, equal, like, mul, sqrt, where } from '../ops/index.js';
import { atLeastZero, hardThreshold, shrink } from './prox.js';

/** Which proximal step `jointMask` takes; metric paper, onZero keep and order jacobi by default. */
export interface JointMaskOptions {
  /** Step size lr of the gradient step before; a tensor below 0 counts as 0, here and for gamma. */
  readonly step: Tensor | number;
  /** Weight of the penalty gamma |ms mt|_1 (gamma |m|_0 each, for `l0`). */
  readonly gamma: Tensor | number;
  /** Thresholds: lr gamma / |other| (paper), lr gamma |other| (euclidean), lr gamma (separate); `l0` keeps |m| > sqrt(2 lr gamma). */
  readonly metric?: 'paper' | 'euclidean' | 'separate' | 'l0';
  /** What becomes of a mask whose other is 0 in the paper's metric: it stays, or is set to 0. */
  readonly onZero?: 'keep' | 'zero';
  /** Both masks from the old ones (jacobi), or mt from the new ms (gaussSeidel). */
  readonly order?: 'jacobi' | 'gaussSeidel';
}

const choices = {
  metric: ['paper', 'euclidean', 'separate', 'l0'],
  onZero: ['keep', 'zero'],
  order: ['jacobi', 'gaussSeidel'],
} as const;

/**
 * The proximal step of Bi-RPT on its two mask trees (equations 10 and 11, with the other mask's absolute value). A mask whose other is
 * absent is thresholded as if that were 1.
 */
export function jointMask<S, T>(ms: S, mt: T, options: JointMaskOptions): { ms: S; mt: T } {
  const {
    step,
    gamma,
    metric = 'paper',
    onZero = 'keep',
    order = 'jacobi',
  } = checkOptions('jointMask', options, ['step', 'gamma', 'metric', 'onZero', 'order']);
  for (const [name, value] of Object.entries({ metric, onZero, order }))
    if (!(choices[name as keyof typeof choices] as readonly string[]).includes(value))
      throw new RangeError(
        `jointMask: expected ${name} to be one of ${choices[name as keyof typeof choices].join(', ')}, got ${kindOf(value)}`,
      );
  for (const [name, value] of Object.entries({ step, gamma }))
    if (!(value instanceof Tensor) && !(typeof value === 'number' && value >= 0 && value < Infinity))
      throw new RangeError(`jointMask: expected ${name} of at least 0, got ${kindOf(value)}`);

  const prox = (m: Tensor, other?: Tensor): Tensor => {
    if (other && !sameShape(m.shape, other.shape))
      throw new RangeError(
        `jointMask: expected ms and mt of equal shapes, got masks ${show(m.shape)} and ${show(other.shape)}`,
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
