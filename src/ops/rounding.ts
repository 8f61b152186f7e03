import { checkFloat } from '../core/op.js';
import type { Tensor } from '../core/tensor.js';
import { binary, unary } from './define-elementwise.js';
import { div, floor, mul, neg, sub } from './elementwise.js';

/**
 * The smallest integer that is not below x; the derivative is 0 everywhere.
 * @example
 * ceil(tensor([1.2, -1.2])); // float32[2] on cpu [2, -1]
 */
export const ceil = (x: Tensor): Tensor => neg(floor(neg(checkFloat('ceil', x))));

/** The nearest integer to even: `Math.round` takes ties up. */
function nearest(x: number): number {
  const up = Math.round(x);
  return up - x === 0.5 && up % 2 !== 0 ? up - 1 : up;
}
/**
 * The nearest integer, of two the even one, as in NumPy; the derivative is 0 everywhere.
 * @example
 * round(tensor([0.5, 1.5, -1.2])); // float32[3] on cpu [0, 2, -1]
 */
export const round = unary('round', nearest, null);

/** x - y floor(x / y), exact where that product is not. */
function modulo(x: number, y: number): number {
  const rest = x % y;
  return rest !== 0 && rest < 0 !== y < 0 ? rest + y : rest;
}
/**
 * The remainder x - y floor(x / y), with the sign of y, as in NumPy and PyTorch; int32 too. The
 * derivative in y is -floor(x / y).
 * @example
 * mod(tensor([5, -5, 5.5]), 3); // float32[3] on cpu [2, 1, 2.5]
 */
export const mod = binary('mod', modulo, [(g) => g, (g, x, y, out) => neg(mul(g, round(div(sub(x, out), y))))], {
  ints: true,
});
