import { kindOf } from '../core/dtype.js';
import { checkTensor } from '../core/op.js';
import { Tensor } from '../core/tensor.js';
import { abs, add, div, equal, lessEqual, like, mul, relu, sign, sub, where } from '../ops/index.js';
import { norm } from './norm.js';

/** Checks x, and the threshold: a tensor, or a number of at least 0. */
function check(who: string, x: Tensor, t: Tensor | number): void {
  checkTensor(who, x);
  if (!(t instanceof Tensor) && !(typeof t === 'number' && t >= 0))
    throw new RangeError(`${who}: expected a threshold of at least 0, got ${kindOf(t)}`);
}

/** The proximal operator of t |x|: sign(x) max(|x| - t, 0). */
export function softThreshold(x: Tensor, t: Tensor | number): Tensor {
  check('softThreshold', x, t);
  return mul(sign(x), relu(sub(abs(x), t)));
}

/** x where |x| > t, else 0: the proximal operator of lambda |x|_0 with t = sqrt(2 lambda). */
export function hardThreshold(x: Tensor, t: Tensor | number): Tensor {
  check('hardThreshold', x, t);
  return where(lessEqual(abs(x), t), 0, x); // so that NaN stays NaN
}

/** The proximal operator of t |x| + l2 x^2 / 2: softThreshold(x, t) / (1 + l2). */
export function elasticNet(x: Tensor, t: Tensor | number, l2: Tensor | number): Tensor {
  check('elasticNet', x, t);
  check('elasticNet', x, l2);
  return div(softThreshold(x, t), add(l2 instanceof Tensor ? l2 : like(x, l2), 1));
}

/**
 * The proximal operator of t times the sum of the Euclidean norms of groups: x max(1 - t / |x|, 0) group by group. A group is what
 * `axes` run through; all but the first by default, so that it is a row of a matrix or one filter of a convolution.
 */
export function groupLasso(x: Tensor, t: Tensor | number, axes?: number | readonly number[]): Tensor {
  check('groupLasso', x, t);
  const list = axes ?? x.shape.map((_, i) => i).slice(1);
  const size = norm(x, list);
  const none = equal(size, 0);
  return mul(x, where(none, 0, relu(sub(1, div(t, where(none, 1, size))))));
}
