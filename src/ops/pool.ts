import {
  checkFloat,
  checkTensor,
  defineMultiOp,
  defineOp,
  sameFloat,
  type One,
  type Op,
  type Two,
} from '../core/op.js';
import { later } from '../core/check.js';
import { checkOptions } from '../core/options.js';
import { type Shape } from '../core/shape.js';
import type { BatchCall, Tensor } from '../core/tensor.js';
import { conv2d } from './conv.js';
import { like } from './create.js';
import { reshape } from './movement.js';
import { mean } from './reduce.js';
import { pairOf, sidesOf, windowCount, type Padding, type Pair, type Sides, type Two2 } from './window.js';
import { show } from '../core/words.js';

/**
 * Geometry of pooling: numbers hold for both axes, pairs are [y, x]; padding is 0 by default and
 * smaller than the window.
 */
export interface PoolOptions {
  /** The window's size by default. */
  readonly stride?: Pair;
  readonly padding?: Padding;
}
/** Windows over x [n,c,h,w] that give y [n,c,p,q]. */
export interface PoolAttrs {
  readonly size: Two2;
  readonly stride: Two2;
  readonly padding: Sides;
  readonly x: Shape;
  readonly y: Shape;
}

/** A rule for `vmap`: the images of all examples follow one another. */
function planesOfAll<I extends readonly Tensor[]>({ all, size, attrs, run }: BatchCall<I, PoolAttrs>) {
  const flat = ([n, ...rest]: Shape): number[] => [size * n!, ...rest];
  const given = all();
  const n = given[0]!.shape[1]!;
  const ins = given.map((t) => reshape(t, flat(t.shape.slice(1))));
  const outs = run(ins, { ...attrs, x: flat(attrs.x), y: flat(attrs.y) });
  return outs.map((t) => reshape(t, [size, n, ...t.shape.slice(1)]));
}

const maxPoolOp = defineMultiOp<One, PoolAttrs>({
  name: 'maxPool2d',
  infer: ([x], a) => [
    { shape: a.y, dtype: sameFloat('maxPool2d', [x.dtype]) },
    { shape: a.y, dtype: 'int32' }, // where in its plane of h*w each maximum was found
  ],
  ref: ([y, indices], [x], a) => {
    const [n, c, h, w] = a.x as [number, number, number, number];
    const [, , p, q] = a.y as [number, number, number, number];
    let at = 0;
    for (let plane = 0; plane < n * c; plane++)
      for (let u = 0; u < p; u++)
        for (let v = 0; v < q; v++, at++) {
          let best = -1;
          for (let i = 0; i < a.size[0]; i++)
            for (let j = 0; j < a.size[1]; j++) {
              const [yy, xx] = [u * a.stride[0] + i - a.padding[0][0], v * a.stride[1] + j - a.padding[1][0]];
              if (yy < 0 || yy >= h || xx < 0 || xx >= w) continue;
              const value = x.data[(plane * h + yy) * w + xx]!;
              const top = x.data[plane * h * w + best];
              if (best < 0 || value > top! || (value !== value && top === top)) best = yy * w + xx;
            }
          y!.data[at] = x.data[plane * h * w + best]!;
          indices!.data[at] = best;
        }
  },
  batch: planesOfAll,
  vjp: [(gs, [x], a, [, indices]) => scatter([gs[0] ?? like(x, 0, a.y), indices!], a)],
});

// The adjoint pair of picking fixed positions: gather reads x at the indices, scatter adds y there.
const gather: Op<Two, PoolAttrs> = defineOp<Two, PoolAttrs>({
  name: 'poolGather',
  shape: (_, a) => a.y,
  dtype: ([x]) => x,
  ref: (y, [x, indices], a) => {
    const [inner, outer] = [a.x[2]! * a.x[3]!, a.y[2]! * a.y[3]!];
    for (let i = 0; i < y.data.length; i++) y.data[i] = x.data[Math.floor(i / outer) * inner + indices.data[i]!]!;
  },
  traits: { total: true }, // the indices are those that pooling found
  batch: planesOfAll,
  vjp: [(g, [, indices], a) => scatter([g, indices], a), null],
});
const scatter: Op<Two, PoolAttrs> = defineOp<Two, PoolAttrs>({
  name: 'poolScatter',
  shape: (_, a) => a.x,
  dtype: ([y]) => y,
  ref: (x, [y, indices], a) => {
    const [inner, outer] = [a.x[2]! * a.x[3]!, a.y[2]! * a.y[3]!];
    for (let i = 0; i < y.data.length; i++) x.data[Math.floor(i / outer) * inner + indices.data[i]!]! += y.data[i]!;
  },
  traits: { total: true }, // the indices are those that pooling found
  batch: planesOfAll,
  vjp: [(h, [, indices], a) => gather([h, indices], a), null],
});

function poolAttrs(who: string, x: Tensor, size: Pair, options: PoolOptions): PoolAttrs {
  const { stride = size, padding = 0 } = checkOptions(who, options, { stride: later, padding: later });
  const { shape } = checkFloat(who, x);
  const a = {
    size: pairOf(who, 'size', size, 1),
    stride: pairOf(who, 'stride', stride, 1),
    padding: sidesOf(who, padding),
  };
  if (shape.length !== 4) throw new RangeError(`${who}: expected x [n,c,h,w], got ${show(shape)}`);
  if (a.padding.some((sides, axis) => sides.some((p) => p >= a.size[axis]!)))
    throw new RangeError(
      `${who}: expected padding smaller than the window, got padding ${show(a.padding)} and size ${show(a.size)}`,
    );
  const span = (axis: 0 | 1) => windowCount(shape[axis + 2]!, a.size[axis], a.stride[axis], a.padding[axis]);
  const y = [shape[0]!, shape[1]!, span(0), span(1)];
  // Padding is smaller than the window, so every window that fits meets x.
  if (y[2]! < 1 || y[3]! < 1)
    throw new RangeError(
      `${who}: expected every window to meet x, got x ${show(shape)}, size ${show(a.size)}, padding ${show(a.padding)}`,
    );
  return { ...a, x: shape, y };
}

/**
 * The largest element of each window of x [n,c,h,w]. Padding is never the largest, and NaN always
 * is. The first of equal elements gets the derivative. Throws a RangeError where a window does not
 * meet x.
 * @param size of the window: a number, or [height, width]
 * @example
 * maxPool2d(reshape(arange(16), [1, 1, 4, 4]), 2);
 * // float32[1,1,2,2] on cpu [[[[5, 7], [13, 15]]]]
 */
export const maxPool2d = (x: Tensor, size: Pair, options: PoolOptions = {}): Tensor =>
  maxPoolOf('maxPool2d', x, size, options);

/** `maxPool2d` that names `who` in its errors. */
export const maxPoolOf = (who: string, x: Tensor, size: Pair, options: PoolOptions): Tensor =>
  maxPoolOp([x], poolAttrs(who, x, size, options))[0]!;

/**
 * The mean of each window of x [n,c,h,w]; padding counts as zeros, as in PyTorch.
 * @param size of the window: a number, or [height, width]
 * @example
 * avgPool2d(reshape(arange(16), [1, 1, 4, 4]), 2);
 * // float32[1,1,2,2] on cpu [[[[2.5, 4.5], [10.5, 12.5]]]]
 */
export const avgPool2d = (x: Tensor, size: Pair, options: PoolOptions = {}): Tensor =>
  avgPoolOf('avgPool2d', x, size, options);

/** `avgPool2d` that names `who` in its errors. */
export function avgPoolOf(who: string, x: Tensor, size: Pair, options: PoolOptions): Tensor {
  const a = poolAttrs(who, x, size, options);
  const [n, c, h, w] = x.shape as [number, number, number, number];
  const box = like(x, 1 / (a.size[0] * a.size[1]), [1, 1, ...a.size]);
  return reshape(conv2d(reshape(x, [n * c, 1, h, w]), box, { stride: a.stride, padding: a.padding }), a.y);
}

/**
 * The mean of each channel's plane: x [n,c,h,w] into [n,c].
 * @example
 * globalAvgPool2d(reshape(arange(8), [1, 2, 2, 2])); // float32[1,2] on cpu [[1.5, 5.5]]
 */
export const globalAvgPool2d = (x: Tensor): Tensor => {
  checkFloat('globalAvgPool2d', x);
  return mean(checkTensor('globalAvgPool2d', x, 4), [2, 3]);
};

/**
 * The largest element of each channel's plane: x [n,c,h,w] into [n,c]. The first of equal elements
 * gets the derivative.
 * @example
 * globalMaxPool2d(reshape(arange(8), [1, 2, 2, 2])); // float32[1,2] on cpu [[3, 7]]
 */
export function globalMaxPool2d(x: Tensor): Tensor {
  checkFloat('globalMaxPool2d', x);
  const [n, c, h, w] = checkTensor('globalMaxPool2d', x, 4).shape as [number, number, number, number];
  if (h * w === 0) throw new RangeError(`globalMaxPool2d: expected planes with elements, got ${show(x.shape)}`);
  return reshape(maxPoolOf('globalMaxPool2d', x, [h, w], {}), [n, c]);
}
