import { checkTensor } from '../core/op.js';
import { checkOptions } from '../core/options.js';
import { checkSize, type Shape } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { show } from '../core/words.js';
import { convChecks, convOf } from './conv.js';
import { fromTypedArray } from './create.js';
import { pad, reshape, transpose } from './movement.js';
import { take } from './take.js';
import { lengthsOf, padsOf, windowCount, type Lengths, type Pads, type Sides, type Two2 } from './window.js';

// Convolutions along one axis and along three, in terms of the one along two.

/**
 * Geometry of a convolution along any number of axes: one number for all of them, or a list of one
 * for each. Stride, dilation and groups are 1 by default, padding 0.
 */
export interface AxesConvOptions {
  readonly stride?: Lengths;
  /** A number, one for each axis, or [before, after] for each axis. */
  readonly padding?: Pads;
  readonly dilation?: Lengths;
  readonly groups?: number;
}

interface Geometry {
  readonly stride: readonly number[];
  readonly padding: readonly Two2[];
  readonly dilation: readonly number[];
  readonly groups: number;
}

/** Options of a convolution along some axes, each with a number for every axis. */
export function geometryOf(who: string, options: AxesConvOptions, axes: number): Geometry {
  const { stride = 1, padding = 0, dilation = 1, groups = 1 } = options;
  return {
    stride: lengthsOf(who, 'stride', stride, 1, axes),
    padding: padsOf(who, padding, axes),
    dilation: lengthsOf(who, 'dilation', dilation, 1, axes),
    groups,
  };
}

const LETTERS = { 1: ['l', 'k'], 3: ['d,h,w', 't,r,s'] } as const;

/** Checks x [n,c,...] and w [o,c/groups,...], and that w fits inside the padded x. */
function checkShapes(who: string, x: Tensor, w: Tensor, axes: 1 | 3, g: Geometry): [x: Shape, w: Shape] {
  const [xs, ws] = [checkTensor(who, x).shape, checkTensor(who, w).shape];
  const [image, filter] = LETTERS[axes];
  if (xs.length !== axes + 2 || ws.length !== axes + 2 || xs[1] !== ws[1]! * g.groups || ws[0]! % g.groups !== 0)
    throw new RangeError(
      `${who}: expected x [n,c,${image}] and w [o,c/groups,${filter}] with groups = ${g.groups} dividing c and o, got ${show(xs)} and ${show(ws)}`,
    );
  for (let i = 0; i < axes; i++)
    if (windowCount(xs[i + 2]!, ws[i + 2]!, g.stride[i]!, g.padding[i]!, g.dilation[i]) < 1)
      throw new RangeError(
        `${who}: expected w to fit inside the padded x, got x ${show(xs)}, w ${show(ws)}, padding ${show(g.padding)}`,
      );
  return [xs, ws];
}

/**
 * Cross-correlation of rows x [n,c,l] with filters w [o,c/groups,k] into [n,o,p]: `conv2d` of
 * images that are one row high. Options are numbers, or lists of one; `padding: [[2, 0]]` pads in
 * front. Throws a RangeError as `conv2d` does.
 * @param x rows [n,c,l]
 * @param w filters [o,c/groups,k]
 * @example
 * conv1d(ones([1, 1, 4]), ones([1, 1, 3]), { padding: 1 });
 * // float32[1,1,4] on cpu [[[2, 3, 3, 2]]]
 */
export const conv1d = (x: Tensor, w: Tensor, options: AxesConvOptions = {}): Tensor =>
  conv1dOf('conv1d', x, w, geometryOf('conv1d', checkOptions('conv1d', options, convChecks), 1));

/** `conv2d` that names `who` in its errors. */
export const conv2dOf = (who: string, x: Tensor, w: Tensor, { stride, padding, dilation, groups }: Geometry): Tensor =>
  convOf(who, x, w, {
    stride: stride as unknown as Two2,
    padding: padding as unknown as Sides,
    dilation: dilation as unknown as Two2,
    groups,
  });

/** `conv1d` that names `who` in its errors. */
export function conv1dOf(who: string, x: Tensor, w: Tensor, g: Geometry): Tensor {
  const [[n, c, l], [o, own, k]] = checkShapes(who, x, w, 1, g) as [number[], number[]];
  const y = convOf(who, reshape(x, [n!, c!, 1, l!]), reshape(w, [o!, own!, 1, k!]), {
    stride: [1, g.stride[0]!],
    padding: [[0, 0], g.padding[0]!],
    dilation: [1, g.dilation[0]!],
    groups: g.groups,
  });
  return reshape(y, [n!, o!, y.shape[3]!]);
}

/**
 * Cross-correlation of volumes x [n,c,d,h,w] with filters w [o,c/groups,t,r,s] into [n,o,p,q,u].
 * Options are numbers, or lists of one for each of depth, height and width. It is one `conv2d` of
 * all slices of depth p, whose channels are those of the t slices that meet there. Throws a
 * RangeError as `conv2d` does.
 * @param x volumes [n,c,d,h,w]
 * @param w filters [o,c/groups,t,r,s]
 * @example
 * conv3d(ones([1, 2, 4, 4, 4]), ones([3, 2, 2, 3, 3]), { padding: [0, 1, 1] }).shape;
 * // [ 1, 3, 3, 4, 4 ]
 */
export const conv3d = (x: Tensor, w: Tensor, options: AxesConvOptions = {}): Tensor =>
  conv3dOf('conv3d', x, w, geometryOf('conv3d', checkOptions('conv3d', options, convChecks), 3));

/** `conv3d` that names `who` in its errors. */
export function conv3dOf(who: string, x: Tensor, w: Tensor, g: Geometry): Tensor {
  const [xs, ws] = checkShapes(who, x, w, 3, g);
  const [n, c, d, h, width] = xs as [number, number, number, number, number];
  const [o, own, t, r, s] = ws as [number, number, number, number, number];
  const p = windowCount(d, t, g.stride[0]!, g.padding[0]!, g.dilation[0]);
  const none = [0, 0] as const;
  const [front, back] = g.padding[0]!;
  checkSize(who, [n, c, front + d + back, h, width]);
  const padded = g.padding[0]!.every((side) => side === 0) ? x : pad(x, [none, none, g.padding[0]!, none, none]);
  const [step, apart] = [g.stride[0]!, g.dilation[0]!];
  const meeting = Int32Array.from({ length: t * p }, (_, i) => Math.floor(i / p) * apart + (i % p) * step);
  const taps = take(padded, fromTypedArray(x.device, meeting, [t, p]), 2); // [n,c,t,p,h,w]
  const slices = reshape(transpose(taps, [0, 3, 1, 2, 4, 5]), [n * p, c * t, h, width]);
  const y = convOf(who, slices, reshape(w, [o, own * t, r, s]), {
    stride: [g.stride[1]!, g.stride[2]!],
    padding: [g.padding[1]!, g.padding[2]!],
    dilation: [g.dilation[1]!, g.dilation[2]!],
    groups: g.groups,
  });
  const [q, u] = y.shape.slice(2) as [number, number];
  return transpose(reshape(y, [n, p, o, q, u]), [0, 2, 1, 3, 4]);
}
