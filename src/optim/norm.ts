import type { Tensor } from '../core/tensor.js';
import { abs, div, equal, greater, less, max, mul, sqrt, square, stopGradient, sum, where } from '../ops/index.js';

/**
 * The Euclidean norm over axes, which stay with length 1 (all of them by default, dropped): without
 * overflow, and with derivative 0 at 0.
 */
export function norm(x: Tensor, axes?: number | readonly number[]): Tensor {
  const options = { keepDims: axes !== undefined };
  if (x.size === 0) return sum(x, axes, options);
  const largest = stopGradient(max(abs(x), axes, options));
  const scale = where(mul(greater(largest, 0), less(largest, Infinity)), largest, 1);
  const squares = sum(square(div(x, scale)), axes, options);
  const none = equal(squares, 0);
  return where(none, 0, mul(sqrt(where(none, 1, squares)), scale));
}
