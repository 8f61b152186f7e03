import { numberThat } from '../core/check.js';
import { checkAlike, checkFloat, checkTensor } from '../core/op.js';
import { broadcastsTo, checkAxes } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import { show } from '../core/words.js';
import { abs, add, div, equal, less, lessEqual, like, mul, relu, sign, sub, where } from '../ops/index.js';
import { norm } from './norm.js';

/**
 * Checks x, and the threshold: a number of at least 0, or a tensor, whose elements below 0 count as
 * 0.
 */
function check(who: string, x: Tensor, t: Tensor | number): Tensor | number {
  checkFloat(who, x);
  if (!(t instanceof Tensor)) return numberThat('of at least 0', (v) => v >= 0)(who, 'a threshold', t);
  checkAlike(who, [x, checkTensor(who, t)]);
  if (!broadcastsTo(t.shape, x.shape))
    throw new RangeError(`${who}: expected a threshold that broadcasts to x ${show(x.shape)}, got ${show(t.shape)}`);
  return atLeastZero(t);
}

/** t, or 0 where it is below; with derivative 1 at 0, where relu's is 0. */
export const atLeastZero = (t: Tensor): Tensor => where(less(t, 0), 0, t);

/** softThreshold, for a threshold known to be of at least 0. */
export const shrink = (x: Tensor, t: Tensor | number): Tensor => mul(sign(x), relu(sub(abs(x), t)));

/**
 * The proximal operator of t |x|: sign(x) max(|x| - t, 0). Elements of t below 0 count as 0, as in
 * the other proximal operators.
 * @param t weight of |x|
 * @example
 * softThreshold(tensor([-3, 0.5]), 1); // float32[2] on cpu [-2, 0]
 */
export function softThreshold(x: Tensor, t: Tensor | number): Tensor {
  return shrink(x, check('softThreshold', x, t));
}

/**
 * x where |x| > t, else 0: the proximal operator of lambda |x|_0 with t = sqrt(2 lambda).
 * @param t the largest absolute value that becomes 0
 * @example
 * hardThreshold(tensor([-3, 0.5]), 1); // float32[2] on cpu [-3, 0]
 */
export function hardThreshold(x: Tensor, t: Tensor | number): Tensor {
  const threshold = check('hardThreshold', x, t);
  return where(lessEqual(abs(x), threshold), 0, x); // so that NaN stays NaN
}

/**
 * The proximal operator of t |x| + l2 x^2 / 2: softThreshold(x, t) / (1 + l2).
 * @param t weight of |x|
 * @param l2 weight of x^2 / 2
 * @example
 * elasticNet(tensor([-3, 0.5]), 1, 1); // float32[2] on cpu [-1, 0]
 */
export function elasticNet(x: Tensor, t: Tensor | number, l2: Tensor | number): Tensor {
  const threshold = check('elasticNet', x, t);
  const weight = check('elasticNet', x, l2);
  return div(shrink(x, threshold), add(weight instanceof Tensor ? weight : like(x, weight), 1));
}

/**
 * The proximal operator of t times the sum of the Euclidean norms of groups: x max(1 - t / |x|, 0)
 * group by group. A group is all elements along `axes`. These are all axes but the first by
 * default, so that a group is a row of a matrix or one filter of a convolution.
 * @param t weight of the norms
 * @example
 * groupLasso(tensor([[3, 4], [0.3, 0.4]]), 1); // float32[2,2] on cpu [[2.4, 3.2], [0, 0]]
 */
export function groupLasso(x: Tensor, t: Tensor | number, axes?: number | readonly number[]): Tensor {
  const threshold = check('groupLasso', x, t);
  const list = checkAxes('groupLasso', axes === undefined ? [...x.shape.keys()].slice(1) : axes, x.shape.length);
  const size = norm(x, list);
  if (threshold instanceof Tensor && !broadcastsTo(threshold.shape, size.shape))
    throw new RangeError(
      `groupLasso: expected a threshold for each group, which broadcasts to ${show(size.shape)}, got ${show(threshold.shape)}`,
    );
  const none = equal(size, 0);
  return mul(x, where(none, 0, relu(sub(1, div(threshold, where(none, 1, size))))));
}
