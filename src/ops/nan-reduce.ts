import { checkFloat } from '../core/op.js';
import type { Tensor } from '../core/tensor.js';
import { sumKept } from './broadcast.js';
import { div, equal, mul, neg, sqrt, square, sub, where } from './elementwise.js';
import { maxKept, prodInDouble, reduction } from './reduce.js';

// Reductions that leave NaN out. A NaN gets a zero derivative.

type Kept = (x: Tensor, axes: readonly number[]) => Tensor;

/** 1 where x is a number, else 0. */
const known = (x: Tensor): Tensor => equal(x, x);
const numbersOr = (x: Tensor, value: number): Tensor => where(known(x), x, value);

const sumOf: Kept = (x, axes) => sumKept(numbersOr(x, 0), axes);
const meanOf: Kept = (x, axes) => div(sumOf(x, axes), sumKept(known(x), axes));
/** Centred twice, as the variance of all elements is. */
function varianceOf(x: Tensor, axes: readonly number[]): Tensor {
  const d = mul(known(x), sub(numbersOr(x, 0), meanOf(x, axes)));
  const n = sumKept(known(x), axes);
  return div(sumKept(square(mul(known(x), sub(d, div(sumKept(d, axes), n)))), axes), n);
}
/** NaN where no element is a number. */
const largestOf =
  (name: string): Kept =>
  (x, axes) =>
    where(equal(sumKept(known(x), axes), 0), NaN, maxKept(name, numbersOr(x, -Infinity), axes));

/**
 * The sum over axes of what is no NaN.
 * @example
 * nanSum(tensor([1, NaN, 3])); // float32[] on cpu 4
 */
export const nanSum = reduction('nanSum', sumOf, checkFloat);
/**
 * The mean over axes of what is no NaN; NaN where nothing is left.
 * @example
 * nanMean(tensor([1, NaN, 3])); // float32[] on cpu 2
 */
export const nanMean = reduction('nanMean', meanOf, checkFloat);
/**
 * The product over axes of what is no NaN.
 * @example
 * nanProd(tensor([2, NaN, 3])); // float32[] on cpu 6
 */
export const nanProd = reduction('nanProd', (x, axes) => prodInDouble(numbersOr(x, 1), axes), checkFloat);
/**
 * The largest element over axes that is no NaN; NaN where nothing is left.
 * @example
 * nanMax(tensor([1, NaN, 3])); // float32[] on cpu 3
 */
export const nanMax = reduction('nanMax', largestOf('nanMax'), checkFloat);
/**
 * The smallest element over axes that is no NaN; NaN where nothing is left.
 * @example
 * nanMin(tensor([1, NaN, 3])); // float32[] on cpu 1
 */
export const nanMin = reduction('nanMin', (x, axes) => neg(largestOf('nanMin')(neg(x), axes)), checkFloat);
/**
 * The variance over axes of what is no NaN (divides by their number); NaN where nothing is left.
 * @example
 * nanVariance(tensor([1, NaN, 3])); // float32[] on cpu 1
 */
export const nanVariance = reduction('nanVariance', varianceOf, checkFloat);
/**
 * The square root of `nanVariance`.
 * @example
 * nanStandardDeviation(tensor([1, NaN, 3])); // float32[] on cpu 1
 */
export const nanStandardDeviation = reduction(
  'nanStandardDeviation',
  (x, axes) => sqrt(varianceOf(x, axes)),
  checkFloat,
);
