import { later } from '../core/check.js';
import { checkFloat, checkTensor } from '../core/op.js';
import { checkOptions } from '../core/options.js';
import { checkSize } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { show } from '../core/words.js';
import { fromTypedArray } from './create.js';
import { matmul } from './matmul.js';
import { reshape, transpose } from './movement.js';
import { avgPoolOf, maxPoolOf } from './pool.js';
import { lengthsOf, padsOf, type Lengths, type Pads } from './window.js';

// Pooling along one axis and along three, in terms of pooling along two.

/**
 * Geometry of pooling: one number for all axes, or a list of one for each; padding is 0 by default.
 */
export interface AxesPoolOptions {
  /** The window's size by default. */
  readonly stride?: Lengths;
  readonly padding?: Pads;
}

type PoolOf = typeof maxPoolOf;

function geometry(who: string, x: Tensor, size: Lengths, options: AxesPoolOptions, axes: 1 | 3) {
  const { stride = size, padding = 0 } = checkOptions(who, options, { stride: later, padding: later });
  const { shape } = checkFloat(who, x);
  if (shape.length !== axes + 2)
    throw new RangeError(`${who}: expected x [n,c,${axes === 1 ? 'l' : 'd,h,w'}], got ${show(shape)}`);
  return {
    sizes: lengthsOf(who, 'size', size, 1, axes),
    strides: lengthsOf(who, 'stride', stride, 1, axes),
    pads: padsOf(who, padding, axes),
  };
}

/** Pools rows as images of one row. */
function alongOne(who: string, pool: PoolOf, x: Tensor, size: Lengths, options: AxesPoolOptions): Tensor {
  const { sizes, strides, pads } = geometry(who, x, size, options, 1);
  const [n, c, l] = x.shape as [number, number, number];
  const image = reshape(x, [n, c, 1, l]);
  const y = pool(who, image, [1, sizes[0]!], { stride: [1, strides[0]!], padding: [[0, 0], pads[0]!] });
  return reshape(y, [n, c, y.shape[3]!]);
}

/** Pools height and width of each slice, and then the depth. */
function alongThree(who: string, pool: PoolOf, x: Tensor, size: Lengths, options: AxesPoolOptions): Tensor {
  const { sizes, strides, pads } = geometry(who, x, size, options, 3);
  const [n, c, d, h, w] = x.shape as [number, number, number, number, number];
  const flat = pool(who, reshape(x, [n, c * d, h, w]), [sizes[1]!, sizes[2]!], {
    stride: [strides[1]!, strides[2]!],
    padding: [pads[1]!, pads[2]!],
  });
  const [q, u] = flat.shape.slice(2) as [number, number];
  const y = pool(who, reshape(flat, [n, c, d, q * u]), [sizes[0]!, 1], {
    stride: [strides[0]!, 1],
    padding: [pads[0]!, [0, 0]],
  });
  return reshape(y, [n, c, y.shape[2]!, q, u]);
}

/**
 * The largest element of each window of x [n,c,l]: see `maxPool2d`.
 * @param size length of the window
 * @example
 * maxPool1d(tensor([[[1, 5, 2, 3]]]), 2); // float32[1,1,2] on cpu [[[5, 3]]]
 */
export const maxPool1d = (x: Tensor, size: Lengths, options: AxesPoolOptions = {}): Tensor =>
  alongOne('maxPool1d', maxPoolOf, x, size, options);

/**
 * The mean of each window of x [n,c,l]; padding counts as zeros, as in PyTorch.
 * @param size length of the window
 * @example
 * avgPool1d(tensor([[[1, 5, 2, 3]]]), 2); // float32[1,1,2] on cpu [[[3, 2.5]]]
 */
export const avgPool1d = (x: Tensor, size: Lengths, options: AxesPoolOptions = {}): Tensor =>
  alongOne('avgPool1d', avgPoolOf, x, size, options);

/**
 * The largest element of each window of x [n,c,d,h,w]: see `maxPool2d`.
 * @param size of the window: a number, or [depth, height, width]
 * @example
 * maxPool3d(reshape(arange(8), [1, 1, 2, 2, 2]), 2); // float32[1,1,1,1,1] on cpu [[[[[7]]]]]
 */
export const maxPool3d = (x: Tensor, size: Lengths, options: AxesPoolOptions = {}): Tensor =>
  alongThree('maxPool3d', maxPoolOf, x, size, options);

/**
 * The mean of each window of x [n,c,d,h,w]; padding counts as zeros, as in PyTorch.
 * @param size of the window: a number, or [depth, height, width]
 * @example
 * avgPool3d(reshape(arange(8), [1, 1, 2, 2, 2]), 2); // float32[1,1,1,1,1] on cpu [[[[[3.5]]]]]
 */
export const avgPool3d = (x: Tensor, size: Lengths, options: AxesPoolOptions = {}): Tensor =>
  alongThree('avgPool3d', avgPoolOf, x, size, options);

/** Means of parts of an axis: see `adaptiveAvgPool`. */
function meansAlong(x: Tensor, axis: number, parts: number): Tensor {
  const length = x.shape[axis]!;
  if (parts === length) return x;
  const data = new (x.dtype === 'float64' ? Float64Array : Float32Array)(length * parts);
  for (let i = 0; i < parts; i++) {
    const [from, to] = [Math.floor((i * length) / parts), Math.ceil(((i + 1) * length) / parts)];
    for (let j = from; j < to; j++) data[j * parts + i] = 1 / (to - from);
  }
  const last = [...x.shape.keys()].map((i) => (i === axis ? x.shape.length - 1 : i === x.shape.length - 1 ? axis : i));
  const exchange = (t: Tensor): Tensor => transpose(t, last);
  return exchange(matmul(exchange(x), fromTypedArray(x.device, data, [length, parts])));
}

/**
 * Means of windows of which there are as many as `size` says, whatever the size of x [n,c,...]:
 * window i of p has elements from floor(i length / p) to ceil((i + 1) length / p), as in PyTorch.
 * @param size how many windows along each axis: a number, or one for each
 * @example
 * adaptiveAvgPool(tensor([[[1, 2, 3, 4, 5]]]), 2); // float32[1,1,2] on cpu [[[2, 4]]]
 * adaptiveAvgPool(ones([2, 3, 7, 5]), [2, 1]).shape; // [ 2, 3, 2, 1 ]
 */
export function adaptiveAvgPool(x: Tensor, size: Lengths): Tensor {
  const who = 'adaptiveAvgPool';
  checkFloat(who, x);
  const { shape } = checkTensor(who, x);
  if (shape.length < 3 || shape.slice(2).includes(0))
    throw new RangeError(`${who}: expected x [n,c,...] with elements along its other axes, got ${show(shape)}`);
  const sizes = lengthsOf(who, 'size', size, 1, shape.length - 2);
  for (const [i, parts] of sizes.entries()) checkSize(who, [shape[i + 2]!, parts]);
  checkSize(who, [...shape.slice(0, 2), ...sizes]);
  return sizes.reduce((y, parts, i) => meansAlong(y, i + 2, parts), x);
}
