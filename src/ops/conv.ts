import { checkTensor, defineOp, sameFloat, type Op, type Two } from '../core/op.js';
import { count, later } from '../core/check.js';
import { checkOptions } from '../core/options.js';
import { checkSize, sizeOf, type Shape } from '../core/shape.js';
import type { Dense, Tensor } from '../core/tensor.js';
import { convBatch } from './conv-batch.js';
import { pairOf, sidesOf, windowCount, type Padding, type Pair, type Sides, type Two2 } from './window.js';
import { show } from '../core/words.js';

/**
 * Geometry of a convolution: numbers hold for both axes, pairs are [y, x]; stride, dilation and
 * groups are 1 by default, padding 0.
 */
export interface ConvOptions {
  readonly stride?: Pair;
  readonly padding?: Padding;
  readonly dilation?: Pair;
  readonly groups?: number;
}
/**
 * The geometry shared by the three ops; shapes of x [n,c,h,w], w [o,c/groups,r,s] and y [n,o,p,q].
 */
export interface ConvAttrs {
  readonly stride: Two2;
  readonly padding: Sides;
  readonly dilation: Two2;
  readonly groups: number;
  readonly x: Shape;
  readonly w: Shape;
  readonly y: Shape;
}

/** The one loop nest of convolution: visits the offsets of every (x, w, y) triple that meets. */
function taps(a: ConvAttrs, visit: (x: number, w: number, y: number) => void): void {
  const [n, c, h, w] = a.x as [number, number, number, number];
  const [o, cg, r, s] = a.w as [number, number, number, number];
  const [, , p, q] = a.y as [number, number, number, number];
  const og = o / a.groups;
  for (let b = 0; b < n; b++)
    for (let k = 0; k < o; k++)
      for (let ci = 0; ci < cg; ci++)
        for (let i = 0; i < r; i++)
          for (let j = 0; j < s; j++)
            for (let u = 0; u < p; u++) {
              const yy = u * a.stride[0] + i * a.dilation[0] - a.padding[0][0];
              if (yy < 0 || yy >= h) continue;
              const plane = (b * c + Math.floor(k / og) * cg + ci) * h + yy;
              for (let v = 0; v < q; v++) {
                const xx = v * a.stride[1] + j * a.dilation[1] - a.padding[1][0];
                if (xx >= 0 && xx < w)
                  visit(plane * w + xx, ((k * cg + ci) * r + i) * s + j, ((b * o + k) * p + u) * q + v);
              }
            }
}
/** Sums in double precision whatever the dtype, as the faster kernels may. */
function accumulate(out: Dense, add: (sums: Float64Array) => void): void {
  const sums = new Float64Array(out.data.length);
  add(sums);
  out.data.set(sums);
}

/** A multiplication and an addition for each tap of each filter; those on padding count too. */
const work = (_: unknown, __: unknown, { w, y }: ConvAttrs): number => 2 * sizeOf(y) * sizeOf(w.slice(1));

// <y, conv(x, w)> is linear in x, w and y. Its three partial derivatives are the three ops below,
// so each one's rules are the other two: a closed family.
const conv: Op<Two, ConvAttrs> = defineOp<Two, ConvAttrs>({
  name: 'conv2d',
  shape: (_, a) => a.y,
  dtype: (dtypes) => sameFloat('conv2d', dtypes),
  ref: (y, [x, w], a) => {
    accumulate(y, (s) => {
      taps(a, (i, j, k) => {
        s[k]! += x.data[i]! * w.data[j]!;
      });
    });
  },
  traits: { work },
  batch: convBatch(['x', 'w'], 'y'),
  vjp: [(g, [, w], a) => convInput([g, w], a), (g, [x], a) => convWeight([x, g], a)],
});
const convInput: Op<Two, ConvAttrs> = defineOp<Two, ConvAttrs>({
  name: 'conv2dInput',
  shape: (_, a) => a.x,
  dtype: (dtypes) => sameFloat('convTranspose2d', dtypes),
  ref: (x, [y, w], a) => {
    accumulate(x, (s) => {
      taps(a, (i, j, k) => {
        s[i]! += y.data[k]! * w.data[j]!;
      });
    });
  },
  traits: { work },
  batch: convBatch(['y', 'w'], 'x'),
  vjp: [(h, [, w], a) => conv([h, w], a), (h, [y], a) => convWeight([h, y], a)],
});
const convWeight: Op<Two, ConvAttrs> = defineOp<Two, ConvAttrs>({
  name: 'conv2dWeight',
  shape: (_, a) => a.w,
  ref: (w, [x, y], a) => {
    accumulate(w, (s) => {
      taps(a, (i, j, k) => {
        s[j]! += x.data[i]! * y.data[k]!;
      });
    });
  },
  traits: { work },
  batch: convBatch(['x', 'y'], 'w'),
  vjp: [(h, [, y], a) => convInput([y, h], a), (h, [x], a) => conv([x, h], a)],
});

/** How the geometry of a convolution is checked: pairs and paddings where they are used. */
export const convChecks = { stride: later, padding: later, dilation: later, groups: count };

function geometry(who: string, { stride = 1, padding = 0, dilation = 1, groups = 1 }: ConvOptions) {
  return {
    stride: pairOf(who, 'stride', stride, 1),
    padding: sidesOf(who, padding),
    dilation: pairOf(who, 'dilation', dilation, 1),
    groups,
  };
}

/**
 * Cross-correlation of images x [n,c,h,w] with filters w [o,c/groups,r,s] into [n,o,p,q]:
 * y[n,o,p,q] = sum over c,r,s of x[n, c, p stride + r dilation - top, q stride + s dilation - left]
 * w[o,c,r,s]. Throws a RangeError where channels or groups do not fit, and where w does not fit
 * inside the padded x. Padding counts as zeros. A weight that is not finite makes NaN of them on
 * some devices.
 * @param x images [n,c,h,w]
 * @param w filters [o,c/groups,r,s]
 * @example
 * const x = ones([1, 1, 6, 6]);
 * const w = ones([8, 1, 3, 3]);
 * conv2d(x, w).shape; // [ 1, 8, 4, 4 ]
 * conv2d(x, w, { padding: 1, stride: 2 }).shape; // [ 1, 8, 3, 3 ]
 */
export const conv2d = (x: Tensor, w: Tensor, options: ConvOptions = {}): Tensor =>
  convOf('conv2d', x, w, checkOptions('conv2d', options, convChecks));

/** `conv2d` that names `who` in its errors, with options that are checked already. */
export function convOf(who: string, x: Tensor, w: Tensor, options: ConvOptions): Tensor {
  const [xs, ws] = [checkTensor(who, x).shape, checkTensor(who, w).shape];
  const a = geometry(who, options);
  if (xs.length !== 4 || ws.length !== 4 || xs[1] !== ws[1]! * a.groups || ws[0]! % a.groups !== 0)
    throw new RangeError(
      a.groups === 1
        ? `${who}: expected x [n,c,h,w] and w [o,c,r,s] with equal c, got ${show(xs)} and ${show(ws)}`
        : `${who}: expected x [n,c,h,w] and w [o,c/groups,r,s] with groups = ${a.groups} dividing c and o, got ${show(xs)} and ${show(ws)}`,
    );
  const span = (axis: 0 | 1) =>
    windowCount(xs[axis + 2]!, ws[axis + 2]!, a.stride[axis], a.padding[axis], a.dilation[axis]);
  const y = [xs[0]!, ws[0]!, span(0), span(1)];
  if (y[2]! < 1 || y[3]! < 1)
    throw new RangeError(
      `${who}: expected w to fit inside the padded x, got x ${show(xs)}, w ${show(ws)}, padding ${show(a.padding)}`,
    );
  return conv([x, w], { ...a, x: xs, w: ws, y: checkSize(who, y) });
}

/**
 * The adjoint of conv2d as a layer: images x [n,c,h,w] and filters w [c,o/groups,r,s] into
 * [n,o,p,q] with p = (h - 1) stride - top - bottom + dilation (r - 1) + 1 + outputPadding.
 * @param x images [n,c,h,w]
 * @param w filters [c,o/groups,r,s]
 * @example
 * convTranspose2d(ones([1, 8, 2, 2]), ones([8, 1, 2, 2]), { stride: 2 }).shape; // [ 1, 1, 4, 4 ]
 */
export function convTranspose2d(
  x: Tensor,
  w: Tensor,
  opts: ConvOptions & { readonly outputPadding?: Pair } = {},
): Tensor {
  const [ys, ws] = [checkTensor('convTranspose2d', x).shape, checkTensor('convTranspose2d', w).shape];
  const options = checkOptions('convTranspose2d', opts, { ...convChecks, outputPadding: later });
  const a = geometry('convTranspose2d', options);
  const extra = pairOf('convTranspose2d', 'outputPadding', options.outputPadding ?? 0, 0);
  if (ys.length !== 4 || ws.length !== 4 || ys[1] !== ws[0] || ws[0]! % a.groups !== 0)
    throw new RangeError(
      `convTranspose2d: expected x [n,c,h,w] and w [c,o/groups,r,s] with equal c, a multiple of groups = ${a.groups}, got ${show(ys)} and ${show(ws)}`,
    );
  const span = (axis: 0 | 1) =>
    (ys[axis + 2]! - 1) * a.stride[axis] -
    a.padding[axis][0] -
    a.padding[axis][1] +
    a.dilation[axis] * (ws[axis + 2]! - 1) +
    1 +
    extra[axis];
  const xs = [ys[0]!, ws[1]! * a.groups, span(0), span(1)];
  checkSize('convTranspose2d', xs);
  const back = (axis: 0 | 1) =>
    windowCount(xs[axis + 2]!, ws[axis + 2]!, a.stride[axis], a.padding[axis], a.dilation[axis]);
  if (xs[2]! < 1 || xs[3]! < 1 || back(0) !== ys[2] || back(1) !== ys[3])
    throw new RangeError(
      `convTranspose2d: expected a positive output and outputPadding below stride, got x ${show(ys)}, w ${show(ws)}, output ${show(xs)}`,
    );
  return convInput([x, w], { ...a, x: xs, w: ws, y: ys });
}
