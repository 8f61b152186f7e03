import { anyNumber, numberThat } from '../core/check.js';
import { checkTensor } from '../core/op.js';
import type { Tensor } from '../core/tensor.js';
import { kindOf } from '../core/words.js';
import { integral } from './define-elementwise.js';
import { greater, less, where } from './elementwise.js';

const aLimit = numberThat('that is not NaN', (v) => !Number.isNaN(v));

/**
 * x limited to lo .. hi; the derivative is 1 at the limits and 0 outside them. One of the limits
 * may be absent, but not both.
 * @param lo the least value; undefined for none
 * @param hi the largest value; undefined for none
 * @example
 * clamp(tensor([-2, 0.5, 2]), 0, 1); // float32[3] on cpu [0, 0.5, 1]
 * clamp(tensor([-2, 0.5, 2]), undefined, 1); // float32[3] on cpu [-2, 0.5, 1]
 */
export function clamp(x: Tensor, lo: number, hi?: number): Tensor;
export function clamp(x: Tensor, lo: number | undefined, hi: number): Tensor;
export function clamp(x: Tensor, lo?: number, hi?: number): Tensor {
  if (lo !== undefined && hi !== undefined) return limited('clamp', x, lo, hi);
  const { dtype } = checkTensor('clamp', x);
  if (lo === undefined && hi === undefined) throw new TypeError('clamp: expected at least one limit, got none');
  const limit = aLimit('clamp', 'a limit', anyNumber('clamp', 'a limit', lo === undefined ? hi : lo));
  integral('clamp', dtype, limit);
  return where((lo === undefined ? greater : less)(x, limit), limit, x);
}

/** `clamp` with both limits, which names `who` in its errors. */
export function limited(who: string, x: Tensor, lo: number, hi: number): Tensor {
  const { dtype } = checkTensor(who, x);
  if (typeof lo !== 'number' || typeof hi !== 'number')
    throw new TypeError(`${who}: expected numbers for limits, got ${kindOf(lo)} and ${kindOf(hi)}`);
  if (!(lo <= hi)) throw new RangeError(`${who}: expected lo <= hi, got ${lo} and ${hi}`);
  for (const limit of [lo, hi]) integral(who, dtype, limit);
  return where(less(x, lo), lo, where(greater(x, hi), hi, x));
}
