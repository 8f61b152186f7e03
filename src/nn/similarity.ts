import { atLeast, finite, flag, positive } from '../core/check.js';
import { checkFloat } from '../core/op.js';
import { checkOptions } from '../core/options.js';
import { checkAxis } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { add, div, less, mul, norm, sub, sum, where } from '../ops/index.js';
import { samePair } from './reduction.js';

/** The axis of vectors, and the number that keeps a length from being 0. */
export interface CosineOptions {
  /** The last by default. */
  readonly axis?: number;
  /** The least length that is divided by; 1e-8 by default. */
  readonly eps?: number;
}

/** max(x, eps), with the derivative 0 below eps. */
const least = (x: Tensor, eps: number): Tensor => where(less(x, eps), eps, x);

/**
 * x . y / (max(|x|, eps) max(|y|, eps)) of the vectors along an axis.
 * @example
 * cosineSimilarity(tensor([[1, 0], [1, 1]]), tensor([[0, 2], [3, 3]])); // float32[2] on cpu [0, 1]
 */
export function cosineSimilarity(x: Tensor, y: Tensor, options: CosineOptions = {}): Tensor {
  const who = 'cosineSimilarity';
  const { axis = -1, eps = 1e-8 } = checkOptions(who, options, { axis: finite, eps: positive });
  samePair(who, x, y, 'x and y');
  const at = checkAxis(who, axis, x.shape.length);
  return div(sum(mul(x, y), at), mul(least(norm(x, at), eps), least(norm(y, at), eps)));
}

/** The order of a distance. */
export interface DistanceOptions {
  /** p of the norm; 2 by default. */
  readonly order?: number;
  /** Added to each difference, so that the derivative exists where x = y; 1e-6 by default. */
  readonly eps?: number;
  /** Whether the last axis stays, with length 1. */
  readonly keepDims?: boolean;
}

/**
 * |x - y + eps|, the distance of the vectors along the last axis.
 * @example
 * pairwiseDistance(tensor([[0, 0]]), tensor([[3, 4]]), { eps: 0 }); // float32[1] on cpu [5]
 */
export function pairwiseDistance(x: Tensor, y: Tensor, options: DistanceOptions = {}): Tensor {
  const who = 'pairwiseDistance';
  const {
    order = 2,
    eps = 1e-6,
    keepDims = false,
  } = checkOptions(who, options, {
    order: positive,
    eps: atLeast(0),
    keepDims: flag,
  });
  samePair(who, x, y, 'x and y');
  return norm(add(sub(x, y), eps), checkAxis(who, -1, x.shape.length), { order, keepDims });
}

/** Which norm becomes 1, along which axis. */
export interface NormalizeOptions {
  /** p of the norm; 2 by default. */
  readonly order?: number;
  /** The last by default. */
  readonly axis?: number;
  /** The least norm that is divided by; 1e-12 by default. */
  readonly eps?: number;
}

/**
 * x / max(|x|, eps): vectors of length 1 along an axis.
 * @example
 * normalize(tensor([[3, 4], [0, 2]])); // float32[2,2] on cpu [[0.6, 0.8], [0, 1]]
 */
export function normalize(x: Tensor, options: NormalizeOptions = {}): Tensor {
  const who = 'normalize';
  const {
    order = 2,
    axis = -1,
    eps = 1e-12,
  } = checkOptions(who, options, {
    order: positive,
    axis: finite,
    eps: positive,
  });
  const at = checkAxis(who, axis, checkFloat(who, x).shape.length);
  return div(x, least(norm(x, at, { order, keepDims: true }), eps));
}
