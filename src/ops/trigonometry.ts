import { binary, unary } from './define-elementwise.js';
import { add, div, mul, neg, sqrt, square, sub } from './elementwise.js';
import type { Tensor } from '../core/tensor.js';

/** 1 - x^2, with all its digits near 1. */
const oneMinusSquare = (x: Tensor): Tensor => mul(sub(1, x), add(1, x));

/**
 * The tangent of x radians.
 * @example
 * tan(tensor([0, 1])); // float32[2] on cpu [0, 1.55741]
 */
export const tan = unary('tan', Math.tan, (g, _, out) => mul(g, add(square(out), 1)));
/**
 * The angle in -pi/2 .. pi/2 whose sine is x; NaN outside of -1 .. 1.
 * @example
 * asin(tensor([0, 0.5, 1])); // float32[3] on cpu [0, 0.523599, 1.5708]
 */
export const asin = unary('asin', Math.asin, (g, x) => div(g, sqrt(oneMinusSquare(x))));
/**
 * The angle in 0 .. pi whose cosine is x; NaN outside of -1 .. 1.
 * @example
 * acos(tensor([0, 0.5, 1])); // float32[3] on cpu [1.5708, 1.0472, 0]
 */
export const acos = unary('acos', Math.acos, (g, x) => neg(div(g, sqrt(oneMinusSquare(x)))));
/**
 * The angle in -pi/2 .. pi/2 whose tangent is x.
 * @example
 * atan(tensor([0, 1])); // float32[2] on cpu [0, 0.785398]
 */
export const atan = unary('atan', Math.atan, (g, x) => div(g, add(square(x), 1)));
/**
 * The angle in -pi .. pi of the point (x, y), given as y and x; its derivative at (0, 0) is NaN.
 * @example
 * atan2(tensor([1, -1]), tensor([-1, -1])); // float32[2] on cpu [2.35619, -2.35619]
 */
export const atan2 = binary('atan2', Math.atan2, [
  (g, y, x) => mul(g, div(x, add(square(x), square(y)))),
  (g, y, x) => neg(mul(g, div(y, add(square(x), square(y))))),
]);
/**
 * (e^x - e^-x) / 2
 * @example
 * sinh(tensor([0, 1])); // float32[2] on cpu [0, 1.1752]
 */
export const sinh = unary('sinh', Math.sinh, (g, x) => mul(g, cosh(x)));
/**
 * (e^x + e^-x) / 2
 * @example
 * cosh(tensor([0, 1])); // float32[2] on cpu [1, 1.54308]
 */
export const cosh = unary('cosh', Math.cosh, (g, x) => mul(g, sinh(x)));
/**
 * The inverse of sinh: log(x + sqrt(x^2 + 1)).
 * @example
 * asinh(tensor([0, 1])); // float32[2] on cpu [0, 0.881374]
 */
export const asinh = unary('asinh', Math.asinh, (g, x) => div(g, sqrt(add(square(x), 1))));
/**
 * The inverse of cosh, at least 0: log(x + sqrt(x^2 - 1)); NaN below 1.
 * @example
 * acosh(tensor([1, 2])); // float32[2] on cpu [0, 1.31696]
 */
export const acosh = unary('acosh', Math.acosh, (g, x) => div(g, sqrt(mul(sub(x, 1), add(x, 1)))));
/**
 * The inverse of tanh: log((1 + x) / (1 - x)) / 2; NaN outside of -1 .. 1.
 * @example
 * atanh(tensor([0, 0.5])); // float32[2] on cpu [0, 0.549306]
 */
export const atanh = unary('atanh', Math.atanh, (g, x) => div(g, oneMinusSquare(x)));
