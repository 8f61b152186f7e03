import { checkTensor } from '../core/op.js';
import type { Tensor } from '../core/tensor.js';
import { kindOf } from '../core/words.js';
import { integral } from './define-elementwise.js';
import { greater, less, where } from './elementwise.js';

/**
 * x limited to lo .. hi; the derivative is 1 at the limits and 0 outside them.
 * @example
 * clamp(tensor([-2, 0.5, 2]), 0, 1); // float32[3] on cpu [0, 0.5, 1]
 */
export const clamp = (x: Tensor, lo: number, hi: number): Tensor => limited('clamp', x, lo, hi);

/** `clamp` that names `who` in its errors. */
export function limited(who: string, x: Tensor, lo: number, hi: number): Tensor {
  const { dtype } = checkTensor(who, x);
  if (typeof lo !== 'number' || typeof hi !== 'number')
    throw new TypeError(`${who}: expected numbers for limits, got ${kindOf(lo)} and ${kindOf(hi)}`);
  if (!(lo <= hi)) throw new RangeError(`${who}: expected lo <= hi, got ${lo} and ${hi}`);
  for (const limit of [lo, hi]) integral(who, dtype, limit);
  return where(less(x, lo), lo, where(greater(x, hi), hi, x));
}
