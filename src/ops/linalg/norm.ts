import { flag, numberThat } from '../../core/check.js';
import { checkAlike, checkFloat, checkTensor } from '../../core/op.js';
import { checkOptions } from '../../core/options.js';
import { checkAxes } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import { abs, div, equal, less, mul, notEqual, pow, sqrt, square, where } from '../elementwise.js';
import { expandDims } from '../movement.js';
import { max, min, sum, type Axes } from '../reduce.js';
import { detach } from '../../core/storage.js';

/** Which norm. */
export interface NormOptions {
  /**
   * p of (sum of |x|^p)^(1/p); 2 by default. Infinity is the largest |x|, -Infinity the smallest; 0
   * counts what is not 0.
   */
  readonly order?: number;
  /** Whether reduced axes stay, with length 1. */
  readonly keepDims?: boolean;
}

/**
 * The norm (sum of |x|^p)^(1/p) of the vectors over axes; of all elements by default, which for p =
 * 2 is Frobenius' norm of a matrix. It neither overflows nor underflows on the way. Its derivative
 * at 0 is taken as 0.
 * @example
 * norm(tensor([3, 4])); // float32[] on cpu 5
 * norm(tensor([[3, 4], [6, 8]]), 1, { order: 1 }); // float32[2] on cpu [7, 14]
 */
export function norm(x: Tensor, axes?: Axes, options: NormOptions = {}): Tensor {
  const { order = 2, keepDims = false } = checkOptions('norm', options, {
    order: numberThat('to be a number', (v) => !Number.isNaN(v)),
    keepDims: flag,
  });
  const list = checkAxes('norm', axes, checkFloat('norm', x).shape.length);
  const kept = { keepDims };
  if (order === Infinity) return max(abs(x), list, kept);
  if (order === -Infinity) return min(abs(x), list, kept);
  if (order === 0) return sum(notEqual(x, 0), list, kept);
  if (order === 1) return sum(abs(x), list, kept);
  if (x.size === 0) return sum(x, list, kept);
  const size = detach(max(abs(x), list, { keepDims: true }));
  const usual = mul(notEqual(size, 0), less(size, Infinity));
  const scale = where(usual, size, 1);
  const scaled = div(x, scale);
  const total = sum(order === 2 ? square(scaled) : pow(abs(scaled), order), list, kept);
  const none = equal(total, 0);
  const root = order === 2 ? sqrt(where(none, 1, total)) : pow(where(none, 1, total), 1 / order);
  return mul(where(none, 0, root), keepDims ? scale : sum(scale, list));
}
/**
 * x_i y_j of all pairs: the product of two vectors, [m] and [n], into a matrix [m, n].
 * @example
 * outer(tensor([1, 2]), tensor([3, 4])); // float32[2,2] on cpu [[3, 4], [6, 8]]
 */
export function outer(x: Tensor, y: Tensor): Tensor {
  checkAlike('outer', [checkTensor('outer', x, 1), checkTensor('outer', y, 1)]);
  return mul(expandDims(x, 1), y);
}
