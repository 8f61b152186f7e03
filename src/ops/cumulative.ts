import { flag } from '../core/check.js';
import { checkTensor } from '../core/op.js';
import { checkOptions } from '../core/options.js';
import { checkAxis } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import type { CumsumOptions } from './cumsum.js';
import { maximum, mul } from './elementwise.js';
import { cast, pad, slice } from './movement.js';

/**
 * Joins each element with those before it along an axis, by twice as many in each step (Hillis and
 * Steele 1986); from the end with `reverse`. `neutral` changes nothing.
 */
function scanned(
  x: Tensor,
  axis: number,
  reverse: boolean,
  neutral: number,
  join: (x: Tensor, y: Tensor) => Tensor,
): Tensor {
  const length = x.shape[axis]!;
  const along = (n: number): number[] => x.shape.map((_, i) => (i === axis ? n : 0));
  for (let step = 1; step < length; step *= 2) {
    const part = slice(
      x,
      along(reverse ? step : 0),
      x.shape.map((d, i) => (i === axis ? length - step : d)),
    );
    const gap = along(step);
    x = join(
      x,
      pad(
        part,
        gap.map((n) => (reverse ? [0, n] : [n, 0])),
        neutral,
      ),
    );
  }
  return x;
}

/** Checked arguments of a scan. */
function scanOf(who: string, x: Tensor, axis: number, options: CumsumOptions) {
  const { reverse = false } = checkOptions(who, options, { reverse: flag });
  return { axis: checkAxis(who, axis, checkTensor(who, x).shape.length), reverse };
}

/**
 * Products of the elements up to each along an axis, the last by default: y_i = x_0 ... x_i; of
 * float32 in double precision. Derivatives of every order hold at zeros too.
 * @example
 * cumprod(tensor([1, 2, 3, 4])); // float32[4] on cpu [1, 2, 6, 24]
 */
export function cumprod(x: Tensor, axis = -1, options: CumsumOptions = {}): Tensor {
  const { axis: at, reverse } = scanOf('cumprod', x, axis, options);
  const wide = x.dtype === 'float32' ? cast(x, 'float64') : x;
  return cast(scanned(wide, at, reverse, 1, mul), x.dtype);
}

/**
 * The largest element up to each along an axis, the last by default; NaN from the first NaN on.
 * Ties share the derivative.
 * @example
 * cummax(tensor([1, 3, 2, 4])); // float32[4] on cpu [1, 3, 3, 4]
 */
export function cummax(x: Tensor, axis = -1, options: CumsumOptions = {}): Tensor {
  const { axis: at, reverse } = scanOf('cummax', x, axis, options);
  return scanned(x, at, reverse, x.dtype === 'int32' ? -(2 ** 31) : -Infinity, maximum);
}
