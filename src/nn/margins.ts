import { finite, positive, atLeast, flag } from '../core/check.js';
import { checkAlike, checkTensor } from '../core/op.js';
import { checkOptions } from '../core/options.js';
import { sameShape } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { show } from '../core/words.js';
import { add, equal, minimum, mul, rsqrt, sub, sum, square, where } from '../ops/index.js';
import { above0, lossChecks, reduced, samePair, type LossOptions } from './reduction.js';
import { pairwiseDistance } from './similarity.js';

// At the margin, derivatives are those of the side where the loss is above 0, as in PyTorch.

/** How far apart is far enough. */
export interface MarginOptions extends LossOptions {
  /** 1 by default for `hinge`, `hingeEmbedding` and `tripletMargin`, else 0. */
  readonly margin?: number;
}

const marginChecks = { ...lossChecks, margin: finite };

/**
 * max(0, margin - sign score): what a classifier by signs loses.
 * @param scores of any shape
 * @param signs 1 or -1, in the same shape
 * @example
 * hinge(tensor([2, 0.5, 1]), tensor([1, 1, -1]), { reduction: 'none' });
 * // float32[3] on cpu [0, 0.5, 2]
 */
export function hinge(scores: Tensor, signs: Tensor, options: MarginOptions = {}): Tensor {
  const { margin = 1, ...rest } = checkOptions('hinge', options, marginChecks);
  samePair('hinge', scores, signs, 'scores and signs');
  return reduced('hinge', above0(sub(margin, mul(signs, scores))), rest);
}

/**
 * The distance where the sign is 1, and max(0, margin - distance) where it is -1.
 * @param distances of any shape
 * @param signs 1 for what should be near and -1 for what should be far, in the same shape
 * @example
 * hingeEmbedding(tensor([0.3, 0.3]), tensor([1, -1]), { reduction: 'none' });
 * // float32[2] on cpu [0.3, 0.7]
 */
export function hingeEmbedding(distances: Tensor, signs: Tensor, options: MarginOptions = {}): Tensor {
  const { margin = 1, ...rest } = checkOptions('hingeEmbedding', options, marginChecks);
  samePair('hingeEmbedding', distances, signs, 'distances and signs');
  return reduced(
    'hingeEmbedding',
    where(equal(signs, 1), distances, where(equal(signs, -1), above0(sub(margin, distances)), 0)),
    rest,
  );
}

/**
 * max(0, margin - sign (x - y)): x should be above y where the sign is 1, and below where it is -1.
 * @param signs 1 or -1, in the shape of x and y
 * @example
 * marginRanking(tensor([2, 1]), tensor([1, 1.5]), tensor([1, 1]), { reduction: 'none' });
 * // float32[2] on cpu [0, 0.5]
 */
export function marginRanking(x: Tensor, y: Tensor, signs: Tensor, options: MarginOptions = {}): Tensor {
  const { margin = 0, ...rest } = checkOptions('marginRanking', options, marginChecks);
  samePair('marginRanking', x, y, 'x and y');
  samePair('marginRanking', x, signs, 'x and signs');
  return reduced('marginRanking', above0(sub(margin, mul(signs, sub(x, y)))), rest);
}

/** The distance of a triplet loss. */
export interface TripletOptions extends MarginOptions {
  /** p of the norm; 2 by default. */
  readonly order?: number;
  /** Added to each difference; 1e-6 by default. */
  readonly eps?: number;
  /** Whether far is compared with the nearer one of anchor and near; false by default. */
  readonly swap?: boolean;
}

/**
 * max(0, margin + |anchor - near| - |anchor - far|), of the vectors along the last axis.
 * @param anchor [...,k]
 * @param near what should be near to the anchor, in its shape
 * @param far what should be far from it, in its shape
 * @example
 * tripletMargin(tensor([[0, 0]]), tensor([[3, 4]]), tensor([[0, 5.5]])); // float32[] on cpu 0.5
 */
export function tripletMargin(anchor: Tensor, near: Tensor, far: Tensor, options: TripletOptions = {}): Tensor {
  const who = 'tripletMargin';
  const {
    margin = 1,
    order = 2,
    eps = 1e-6,
    swap = false,
    ...rest
  } = checkOptions(who, options, {
    ...marginChecks,
    order: positive,
    eps: atLeast(0),
    swap: flag,
  });
  samePair(who, anchor, near, 'anchor and near');
  samePair(who, anchor, far, 'anchor and far');
  if (anchor.shape.length === 0) throw new RangeError(`${who}: expected vectors, got ${show(anchor.shape)}`);
  const distance = (x: Tensor, y: Tensor): Tensor => pairwiseDistance(x, y, { order, eps });
  const away = distance(anchor, far);
  const least = swap ? minimum(away, distance(near, far)) : away;
  return reduced(who, above0(add(sub(distance(anchor, near), least), margin)), rest);
}

/**
 * 1 - cos(x, y) where the sign is 1, and max(0, cos(x, y) - margin) where it is -1: x and y [n,k].
 * 1e-12 is added to the squared lengths, as in PyTorch.
 * @param signs 1 for what should be alike and -1 for what should not, [n]
 * @example
 * const x = tensor([[1, 0], [1, 1]]);
 * cosineEmbedding(x, tensor([[0, 2], [3, 3]]), tensor([1, -1]), { reduction: 'none' });
 * // float32[2] on cpu [1, 1]
 */
export function cosineEmbedding(x: Tensor, y: Tensor, signs: Tensor, options: MarginOptions = {}): Tensor {
  const who = 'cosineEmbedding';
  const { margin = 0, ...rest } = checkOptions(who, options, marginChecks);
  samePair(who, x, y, 'x and y');
  checkAlike(who, [x, checkTensor(who, signs)]);
  if (x.shape.length === 0 || !sameShape(signs.shape, x.shape.slice(0, -1)))
    throw new RangeError(`${who}: expected signs [n] for x [n,k], got ${show(signs.shape)} and ${show(x.shape)}`);
  const size = (v: Tensor): Tensor => add(sum(square(v), -1), 1e-12);
  const cos = mul(sum(mul(x, y), -1), rsqrt(mul(size(x), size(y))));
  return reduced(who, where(equal(signs, 1), sub(1, cos), where(equal(signs, -1), above0(sub(cos, margin)), 0)), rest);
}
