import { checkAlike, checkFloat, checkTensor } from '../core/op.js';
import { Tensor } from '../core/tensor.js';
import { like } from './create.js';
import { binary, broadcast, unary, type Operand } from './define-elementwise.js';
import { abs, add, div, exp, greater, less, mul, neg, sin, softplus, square, sub, where } from './elementwise.js';
import * as gamma from './gamma-functions.js';
import { mod, round } from './rounding.js';
import * as scalar from './scalar-functions.js';

/**
 * The inverse of the error function; NaN outside of -1 .. 1.
 * @example
 * erfinv(tensor([0, 0.5, 1])); // float32[3] on cpu [0, 0.476936, Infinity]
 */
export const erfinv = unary('erfinv', scalar.erfinv, (g, _, out) =>
  mul(g, mul(exp(square(out)), Math.sqrt(Math.PI) / 2)),
);

/** The sum of (x + k)^-s over k = 0, 1, ... for x > 0: the derivatives of digamma. */
export const zeta: (s: Operand, x: Operand) => Tensor = binary('zeta', gamma.zeta, [
  null,
  (g, s, x) => neg(mul(g, mul(s, zeta(add(s, 1), x)))),
]);
/** sin(pi x), from what x is beyond its nearest integer. */
function sinPi(x: Tensor): Tensor {
  const whole = round(x);
  return mul(sin(mul(sub(x, whole), Math.PI)), sub(1, mul(mod(whole, 2), 2)));
}
/** The derivative of digamma: zeta(2, x), and below 1/2 by reflection. */
function trigamma(x: Tensor): Tensor {
  const low = less(x, 0.5);
  const sine = sinPi(x);
  const reflected = sub(square(div(Math.PI, where(low, sine, 1))), zeta(2, where(low, sub(1, x), 1)));
  return where(low, reflected, zeta(2, where(low, 1, x)));
}
/**
 * The derivative of lgamma; infinite at 0, and NaN at negative integers.
 * @example
 * digamma(tensor([1, 2])); // float32[2] on cpu [-0.577216, 0.422784]
 */
export const digamma = unary('digamma', gamma.digamma, (g, x) => mul(g, trigamma(x)));
/**
 * log |gamma(x)|; infinite at 0 and at negative integers.
 * @example
 * lgamma(tensor([1, 5, 0.5])); // float32[3] on cpu [0, 3.17805, 0.572365]
 */
export const lgamma = unary('lgamma', gamma.lgamma, (g, x) => mul(g, digamma(x)));

/**
 * log(e^x + e^y), without overflow.
 * @example
 * logAddExp(tensor([0, 1000]), 0); // float32[2] on cpu [0.693147, 1000]
 */
export function logAddExp(x: Operand, y: Operand): Tensor {
  for (const t of [x, y]) if (t instanceof Tensor) checkTensor('logAddExp', t);
  const [a, b] = broadcast('logAddExp', [x, y]);
  checkAlike('logAddExp', [a, checkFloat('logAddExp', b)]);
  const first = greater(a, b);
  const [high, low] = [where(first, a, b), where(first, b, a)];
  const shift = where(less(abs(high), Infinity), high, 0);
  return add(high, softplus(sub(low, shift)));
}

/** (-1)^k / (2k + 1)!, from k = 11 down: the series of sin(z) / z in z^2. */
const SINE = Array.from({ length: 12 }, (_, i) => 11 - i).map((k) => {
  let factorial = 1;
  for (let n = 2; n <= 2 * k + 1; n++) factorial *= n;
  return (-1) ** k / factorial;
});
/**
 * sin(pi x) / (pi x), and 1 at 0; by its series near 0, so that derivatives lose no digits there.
 * @example
 * sinc(tensor([0, 0.5, 1])); // float32[3] on cpu [1, 0.63662, -0]
 */
export function sinc(x: Tensor): Tensor {
  const z = mul(checkFloat('sinc', x), Math.PI);
  const near = less(abs(x), 0.25);
  const square2 = square(where(near, z, 0));
  const series = SINE.slice(1).reduce((sum, c) => add(mul(sum, square2), c), like(x, SINE[0]!));
  const far = where(near, 1, z);
  return where(near, series, div(sinPi(x), far));
}
