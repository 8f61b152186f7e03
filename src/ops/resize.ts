import { flag, oneOf } from '../core/check.js';
import { checkFloat } from '../core/op.js';
import { checkOptions } from '../core/options.js';
import { checkSize } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { show } from '../core/words.js';
import { fromTypedArray } from './create.js';
import { add, mul, sub } from './elementwise.js';
import { take } from './take.js';
import { lengthsOf, type Lengths } from './window.js';

/** How elements between those of x are made. */
export interface ResizeOptions {
  /** 'nearest' (default), or 'linear', which is bilinear along two axes. */
  readonly method?: 'nearest' | 'linear';
  /** Whether the first and last elements stay where they are; false by default. */
  readonly alignCorners?: boolean;
}

const indices = (x: Tensor, list: readonly number[]): Tensor =>
  fromTypedArray(x.device, Int32Array.from(list), [list.length]);

/** Element i of the result is that at floor(i length / size). */
function nearest(x: Tensor, axis: number, size: number): Tensor {
  const length = x.shape[axis]!;
  const from = Array.from({ length: size }, (_, i) => Math.floor((i * length) / size));
  return take(x, indices(x, from), axis);
}

/** Element i of the result is between the two that are next to where it lies in x. */
function linear(x: Tensor, axis: number, size: number, alignCorners: boolean): Tensor {
  const length = x.shape[axis]!;
  const at = Array.from({ length: size }, (_, i) =>
    alignCorners ? (size === 1 ? 0 : (i * (length - 1)) / (size - 1)) : Math.max(0, ((i + 0.5) * length) / size - 0.5),
  );
  const below = at.map((p) => Math.min(Math.floor(p), length - 1));
  const above = below.map((i) => Math.min(i + 1, length - 1));
  const share = at.map((p, i) => p - below[i]!);
  const data = x.dtype === 'float64' ? Float64Array.from(share) : Float32Array.from(share);
  const shares = fromTypedArray(x.device, data, [size, ...x.shape.slice(axis + 1).map(() => 1)]);
  const [lo, hi] = [take(x, indices(x, below), axis), take(x, indices(x, above), axis)];
  return add(mul(lo, sub(1, shares)), mul(hi, shares));
}

/**
 * x [n,c,...] in another size along all axes from 2 on, as by `torch.nn.functional.interpolate`.
 * Corners are the edges of elements, or the middle of the outermost ones with `alignCorners`. There
 * is no smoothing where x becomes smaller.
 * @param size length of each axis: a number, or one for each
 * @example
 * resize(tensor([[[1, 3]]]), 4); // float32[1,1,4] on cpu [[[1, 1, 3, 3]]]
 * resize(tensor([[[1, 3]]]), 4, { method: 'linear' });
 * // float32[1,1,4] on cpu [[[1, 1.5, 2.5, 3]]]
 * resize(ones([1, 3, 4, 4]), [8, 6], { method: 'linear' }).shape; // [ 1, 3, 8, 6 ]
 */
export function resize(x: Tensor, size: Lengths, options: ResizeOptions = {}): Tensor {
  const who = 'resize';
  const { method = 'nearest', alignCorners = false } = checkOptions(who, options, {
    method: oneOf('nearest', 'linear'),
    alignCorners: flag,
  });
  const { shape } = checkFloat(who, x);
  if (shape.length < 3 || shape.slice(2).includes(0))
    throw new RangeError(`${who}: expected x [n,c,...] with elements along its other axes, got ${show(shape)}`);
  if (alignCorners && method !== 'linear')
    throw new RangeError(`${who}: expected alignCorners beside the method 'linear' alone, got '${method}'`);
  const sizes = lengthsOf(who, 'size', size, 1, shape.length - 2);
  checkSize(who, [...shape.slice(0, 2), ...sizes]);
  return sizes.reduce((y, length, i) => {
    if (length === shape[i + 2]) return y;
    return method === 'nearest' ? nearest(y, i + 2, length) : linear(y, i + 2, length, alignCorners);
  }, x);
}
