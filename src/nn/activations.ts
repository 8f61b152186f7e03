import { finite, numberThat, positive } from '../core/check.js';
import { checkFloat } from '../core/op.js';
import { checkAxis } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { show } from '../core/words.js';
import {
  abs,
  add,
  div,
  elu,
  expm1,
  greater,
  greaterEqual,
  less,
  lessEqual,
  mul,
  neg,
  sigmoid,
  softmax,
  softplus,
  split,
  square,
  sub,
  tanh,
  where,
} from '../ops/index.js';

// Derivatives at kinks are PyTorch's; NaN stays NaN.

/**
 * x sigmoid(x), also called swish.
 * @example
 * silu(tensor([-1, 2])); // float32[2] on cpu [-0.268941, 1.76159]
 */
export const silu = (x: Tensor): Tensor => mul(checkFloat('silu', x), sigmoid(x));

/**
 * x (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) / 2, which is near to `gelu`.
 * @example
 * geluTanh(tensor([-1, 2])); // float32[2] on cpu [-0.158808, 1.9546]
 */
export function geluTanh(x: Tensor): Tensor {
  const inner = mul(add(checkFloat('geluTanh', x), mul(mul(x, square(x)), 0.044715)), Math.sqrt(2 / Math.PI));
  return mul(mul(x, 0.5), add(tanh(inner), 1));
}

/**
 * `elu` with a scale and an alpha that keep mean 0 and variance 1 (Klambauer et al. 2017).
 * @example
 * selu(tensor([-1, 2])); // float32[2] on cpu [-1.11133, 2.1014]
 */
export const selu = (x: Tensor): Tensor => mul(elu(checkFloat('selu', x), 1.6732632423543772), 1.0507009873554805);

/**
 * x above 0, else alpha (e^(x/alpha) - 1).
 * @param alpha above 0, minus the limit at -Infinity
 * @example
 * celu(tensor([-1, 2]), 2); // float32[2] on cpu [-0.786939, 2]
 */
export function celu(x: Tensor, alpha = 1): Tensor {
  const above = greater(checkFloat('celu', x), 0);
  return where(above, x, mul(expm1(div(where(above, 0, x), positive('celu', 'alpha', alpha))), alpha));
}

/** x between lo and hi, with the derivative 0 at both. */
const limitedTo = (x: Tensor, lo: number, hi: number): Tensor =>
  where(lessEqual(x, lo), lo, where(greaterEqual(x, hi), hi, x));

/**
 * x limited to 0 .. 6; the derivative at 0 and at 6 is 0.
 * @example
 * relu6(tensor([-1, 2, 7])); // float32[3] on cpu [0, 2, 6]
 */
export const relu6 = (x: Tensor): Tensor => limitedTo(checkFloat('relu6', x), 0, 6);

/**
 * x limited to lo .. hi, as `clamp`, but with the derivative 0 at lo and hi.
 * @example
 * hardTanh(tensor([-2, 0.5, 2])); // float32[3] on cpu [-1, 0.5, 1]
 */
export function hardTanh(x: Tensor, lo = -1, hi = 1): Tensor {
  checkFloat('hardTanh', x);
  const least = finite('hardTanh', 'lo', lo);
  return limitedTo(x, least, numberThat(`above lo = ${least}`, (v) => v > least && v < Infinity)('hardTanh', 'hi', hi));
}

/**
 * x/6 + 1/2 limited to 0 .. 1; the derivative at -3 and at 3 is 0.
 * @example
 * hardSigmoid(tensor([-4, 0, 1.5])); // float32[3] on cpu [0, 0.5, 0.75]
 */
export const hardSigmoid = (x: Tensor): Tensor => div(add(limitedTo(checkFloat('hardSigmoid', x), -3, 3), 3), 6);

/**
 * x (x + 3) / 6 from -3 to 3, 0 below and x above; the derivative at -3 is -1/2, and 3/2 at 3.
 * @example
 * hardSwish(tensor([-4, 1, 4])); // float32[3] on cpu [0, 0.666667, 4]
 */
export function hardSwish(x: Tensor): Tensor {
  const inside = mul(greaterEqual(checkFloat('hardSwish', x), -3), lessEqual(x, 3));
  const within = where(inside, x, 0); // an infinity there would make a derivative NaN
  return where(inside, div(mul(within, add(within, 3)), 6), where(less(x, 0), 0, x));
}

/**
 * x tanh(softplus(x)) (Misra 2019).
 * @example
 * mish(tensor([-1, 2])); // float32[2] on cpu [-0.303401, 1.94396]
 */
export const mish = (x: Tensor): Tensor => mul(checkFloat('mish', x), tanh(softplus(x)));

/**
 * x / (1 + |x|)
 * @example
 * softsign(tensor([-1, 3])); // float32[2] on cpu [-0.5, 0.75]
 */
export const softsign = (x: Tensor): Tensor => div(checkFloat('softsign', x), add(abs(x), 1));

/**
 * log sigmoid(x), without overflow.
 * @example
 * logSigmoid(tensor([-100, 0])); // float32[2] on cpu [-100, -0.693147]
 */
export const logSigmoid = (x: Tensor): Tensor => neg(softplus(neg(checkFloat('logSigmoid', x))));

/**
 * x - tanh(x)
 * @example
 * tanhShrink(tensor([0, 2])); // float32[2] on cpu [0, 1.03597]
 */
export const tanhShrink = (x: Tensor): Tensor => sub(checkFloat('tanhShrink', x), tanh(x));

/** How a threshold of shrinking is checked. */
const shrinkage = numberThat('of at least 0', (v) => v >= 0 && v < Infinity);

/**
 * x moved towards 0 by lambda, and 0 where |x| is at most lambda.
 * @example
 * softShrink(tensor([-2, 0.3, 1])); // float32[3] on cpu [-1.5, 0, 0.5]
 */
export function softShrink(x: Tensor, lambda = 0.5): Tensor {
  checkFloat('softShrink', x);
  const by = shrinkage('softShrink', 'lambda', lambda);
  return where(greater(x, by), sub(x, by), where(less(x, -by), add(x, by), mul(x, 0))); // NaN in the middle stays
}

/**
 * x where |x| is above lambda, else 0.
 * @example
 * hardShrink(tensor([-2, 0.3, 1])); // float32[3] on cpu [-2, 0, 1]
 */
export const hardShrink = (x: Tensor, lambda = 0.5): Tensor =>
  where(lessEqual(abs(checkFloat('hardShrink', x)), shrinkage('hardShrink', 'lambda', lambda)), 0, x);

/**
 * x above the limit, else a value.
 * @param limit x counts as small up to it
 * @param value what stands in the place of a small x
 * @example
 * threshold(tensor([0.1, 0.5]), 0.2, 9); // float32[2] on cpu [9, 0.5]
 */
export const threshold = (x: Tensor, limit: number, value: number): Tensor =>
  where(
    lessEqual(checkFloat('threshold', x), finite('threshold', 'limit', limit)),
    finite('threshold', 'value', value),
    x,
  );

/**
 * softmax(-x) along an axis, the last by default.
 * @example
 * softmin(tensor([0, Math.log(3)])); // float32[2] on cpu [0.75, 0.25]
 */
export const softmin = (x: Tensor, axis = -1): Tensor =>
  softmax(neg(checkFloat('softmin', x)), checkAxis('softmin', axis, x.shape.length));

/**
 * a sigmoid(b), with a and b the halves of x along an axis, the last by default (Dauphin et al.
 * 2017). Throws a RangeError for an axis of odd length.
 * @example
 * glu(tensor([4, 6, 0, Math.log(3)])); // float32[2] on cpu [2, 4.5]
 */
export function glu(x: Tensor, axis = -1): Tensor {
  const { shape } = checkFloat('glu', x);
  const at = checkAxis('glu', axis, shape.length);
  if (shape[at]! % 2 !== 0) throw new RangeError(`glu: expected an even length along axis ${at}, got ${show(shape)}`);
  const [a, b] = split(x, 2, at) as [Tensor, Tensor];
  return mul(a, sigmoid(b));
}
