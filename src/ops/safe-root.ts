import type { Tensor } from '../core/tensor.js';
import { equal, sqrt, where } from './elementwise.js';

/**
 * sqrt(x), whose derivatives at 0 are 0 instead of infinite. Optimizers divide by such roots: a
 * gradient that was 0 in all steps must not make the derivative of a step NaN.
 */
export function safeRoot(x: Tensor): Tensor {
  const none = equal(x, 0);
  return where(none, 0, sqrt(where(none, 1, x)));
}
