import { checkDType, checkFits, type DType } from '../core/dtype.js';
import { kindOf, show } from '../core/words.js';
import { listOf } from '../core/check.js';
import { checkTensor, defineOp, type One, type Op } from '../core/op.js';
import { checkAxes, checkAxis, checkShape, numbers, sameShape, sizeOf, stridesOf, type Shape } from '../core/shape.js';
import type { IntTensor, Tensor } from '../core/tensor.js';
import { isContiguous, offsetsOf, stridedView } from '../core/view.js';

const reshapeOp: Op<One, { to: Shape }> = defineOp<One, { to: Shape }>({
  name: 'reshape',
  shape: (_, { to }) => to,
  view: (x, to) => (isContiguous(x) ? stridedView(x, to, stridesOf(to), x.offset) : null),
  batch: ({ ins, size, attrs, run }) => run(ins, { to: [size, ...attrs.to] }),
  vjp: [(g, [x]) => reshape(g, x.shape)],
});
/**
 * The same elements in another shape; one length may be -1 and is worked out. Throws a RangeError
 * where the sizes differ.
 * @example
 * reshape(arange(6), [2, -1]); // float32[2,3] on cpu [[0, 1, 2], [3, 4, 5]]
 */
export function reshape(x: Tensor, shape: Shape): Tensor {
  x = checkTensor('reshape', x);
  const given = numbers('reshape', 'a shape', shape);
  const unknown = given.indexOf(-1);
  const known = sizeOf(given.filter((_, i) => i !== unknown));
  const to = given.map((d, i) => (i === unknown ? (known === 0 ? 0 : x.size / known) : d));
  if (!to.every((d) => Number.isInteger(d) && d >= 0) || sizeOf(to) !== x.size)
    throw new RangeError(`reshape: expected a shape of ${x.size} elements for ${show(x.shape)}, got ${show(given)}`);
  return sameShape(to, x.shape) ? x : reshapeOp([x], { to });
}

const transposeOp: Op<One, { perm: readonly number[] }> = defineOp<One, { perm: readonly number[] }>({
  name: 'transpose',
  shape: ([x], { perm }) => perm.map((p) => x[p]!),
  view: (x, shape, { perm }) =>
    stridedView(
      x,
      shape,
      perm.map((p) => x.stride[p]!),
      x.offset,
    ),
  traits: { permutation: ({ perm }) => perm },
  batch: ({ ins, attrs, run }) => run(ins, { perm: [0, ...attrs.perm.map((p) => p + 1)] }),
  vjp: [
    (g, _, { perm }) =>
      transpose(
        g,
        perm.map((_, i) => perm.indexOf(i)),
      ),
  ],
});
/**
 * Axes in the order of `perm`, reversed by default: axis i of the result is axis perm[i] of x.
 * Throws a RangeError where `perm` is no permutation.
 * @param perm for each axis of the result, the axis of x that it is
 * @example
 * transpose(tensor([[1, 2], [3, 4]])); // float32[2,2] on cpu [[1, 3], [2, 4]]
 * transpose(ones([2, 3, 4]), [0, 2, 1]).shape; // [ 2, 4, 3 ]
 */
export function transpose(x: Tensor, perm?: readonly number[]): Tensor {
  x = checkTensor('transpose', x);
  const rank = x.shape.length;
  const order = perm
    ? numbers('transpose', 'perm', perm).map((p) => checkAxis('transpose', p, rank))
    : checkAxes('transpose', undefined, rank).reverse();
  if (order.length !== rank || new Set(order).size !== rank)
    throw new RangeError(`transpose: expected a permutation of ${rank} axes, got ${show(order)}`);
  return order.every((p, i) => p === i) ? x : transposeOp([x], { perm: order });
}

/**
 * Drops axes of length 1: all of them, or those named. Throws a RangeError where one named is
 * longer.
 * @example
 * squeeze(ones([1, 3, 1])).shape; // [ 3 ]
 */
export function squeeze(x: Tensor, axes?: number | readonly number[]): Tensor {
  checkTensor('squeeze', x);
  const drop =
    axes === undefined ? x.shape.flatMap((d, i) => (d === 1 ? [i] : [])) : checkAxes('squeeze', axes, x.shape.length);
  for (const axis of drop)
    if (x.shape[axis] !== 1) throw new RangeError(`squeeze: expected length 1 at axis ${axis}, got ${show(x.shape)}`);
  return reshape(
    x,
    x.shape.filter((_, i) => !drop.includes(i)),
  );
}

/**
 * Inserts an axis of length 1 before `axis` (negative: counted in the result).
 * @example
 * expandDims(tensor([1, 2]), 0); // float32[1,2] on cpu [[1, 2]]
 * expandDims(tensor([1, 2]), -1).shape; // [ 2, 1 ]
 */
export function expandDims(x: Tensor, axis: number): Tensor {
  const at = checkAxis('expandDims', axis, checkTensor('expandDims', x).shape.length + 1);
  return reshape(x, [...x.shape.slice(0, at), 1, ...x.shape.slice(at)]);
}

const flipOp: Op<One, { axes: readonly number[] }> = defineOp<One, { axes: readonly number[] }>({
  name: 'flip',
  shape: ([x]) => x,
  view: (x, shape, { axes }) =>
    stridedView(
      x,
      shape,
      x.stride.map((s, i) => (axes.includes(i) ? -s : s)),
      axes.reduce((at, i) => at + Math.max(0, x.shape[i]! - 1) * x.stride[i]!, x.offset),
    ),
  batch: ({ ins, attrs, run }) => run(ins, { axes: attrs.axes.map((axis) => axis + 1) }),
  vjp: [(g, _, { axes }) => flipOp([g], { axes })],
});
/**
 * Reverses the order along the axes; all of them by default.
 * @example
 * flip(tensor([1, 2, 3])); // float32[3] on cpu [3, 2, 1]
 */
export const flip = (x: Tensor, axes?: number | readonly number[]): Tensor =>
  flipOp([checkTensor('flip', x)], { axes: checkAxes('flip', axes, x.shape.length) });

interface SliceAttrs {
  readonly start: Shape;
  readonly size: Shape;
  readonly step: Shape;
}
export interface PadAttrs {
  readonly lo: readonly number[];
  readonly step: Shape;
  readonly to: Shape;
  readonly value: number;
}

// A pair of adjoints: padOp writes element i of an axis at lo + i * step of a filled tensor,
// sliceOp reads it back.
const sliceOp: Op<One, SliceAttrs> = defineOp<One, SliceAttrs>({
  name: 'slice',
  shape: (_, { size }) => size,
  view: (x, shape, { start, step }) =>
    stridedView(
      x,
      shape,
      x.stride.map((s, i) => s * step[i]!),
      start.reduce((at, s, i) => at + s * x.stride[i]!, x.offset),
    ),
  batch: ({ ins, size: n, attrs: { start, size, step }, run }) =>
    run(ins, { start: [0, ...start], size: [n, ...size], step: [1, ...step] }),
  vjp: [(g, [x], { start, step }) => padOp([g], { lo: start, step, to: x.shape, value: 0 })],
});
const padOp: Op<One, PadAttrs> = defineOp<One, PadAttrs>({
  name: 'pad',
  shape: (_, { to }) => to,
  ref: (out, [x], { lo, step, to, value }) => {
    if (!Object.is(value, 0)) out.data.fill(value);
    const strides = stridesOf(to);
    const at = offsetsOf(
      x.shape,
      strides.map((s, i) => s * step[i]!),
      lo.reduce((o, l, i) => o + l * strides[i]!, 0),
    );
    for (let i = 0; i < at.length; i++) out.data[at[i]!] = x.data[i]!;
  },
  batch: ({ ins, size, attrs: { lo, step, to, value }, run }) =>
    run(ins, { lo: [0, ...lo], step: [1, ...step], to: [size, ...to], value }),
  vjp: [(g, [x], { lo, step }) => sliceOp([g], { start: lo, size: x.shape, step })],
});
/**
 * `size` elements of each axis from `start`, every `step`-th (1 by default). A negative start
 * counts from the end. Throws a RangeError where elements lie outside of x.
 * @param start the first index of each axis
 * @param size how many elements of each axis
 * @example
 * slice(tensor([[1, 2, 3], [4, 5, 6]]), [0, 1], [2, 2]); // float32[2,2] on cpu [[2, 3], [5, 6]]
 */
export function slice(x: Tensor, start: readonly number[], size: Shape, step?: readonly number[]): Tensor {
  const { shape } = checkTensor('slice', x);
  const given = numbers('slice', 'start', start);
  const lengths = numbers('slice', 'size', size);
  const by = step === undefined ? shape.map(() => 1) : numbers('slice', 'step', step);
  const from = given.map((s, i) => (s < 0 ? s + shape[i]! : s));
  const fits = (d: number, i: number): boolean => {
    const [s, n, k] = [from[i]!, lengths[i]!, by[i]!];
    return [s, n, k].every(Number.isInteger) && s >= 0 && n >= 0 && k >= 1 && (n === 0 ? s <= d : s + (n - 1) * k < d);
  };
  if ([given, lengths, by].some((list) => list.length !== shape.length) || !shape.every(fits))
    throw new RangeError(
      `slice: expected a part of ${show(shape)}, got start ${show(given)}, size ${show(lengths)}, step ${show(by)}`,
    );
  return sliceOp([x], { start: from, size: lengths, step: by });
}

/**
 * x with lo and hi elements of `value` (0 by default) before and after it. There is one pair [lo,
 * hi] for each axis. Throws a RangeError for other pairs.
 * @param pairs how many elements to add before and after x, for each axis
 * @param value what the added elements are
 * @example
 * pad(tensor([1, 2]), [[1, 2]]); // float32[5] on cpu [0, 1, 2, 0, 0]
 */
export function pad(x: Tensor, pairs: readonly (readonly [number, number])[], value = 0): Tensor {
  const { shape } = checkTensor('pad', x);
  const own = listOf('pad', 'pairs', pairs, (pair) => numbers('pad', 'a pair', pair));
  const isPair = (p: readonly number[]): boolean => p.length === 2 && p.every((n) => Number.isInteger(n) && n >= 0);
  if (typeof value !== 'number') throw new TypeError(`pad: expected a number to pad with, got ${kindOf(value)}`);
  checkFits('pad', x.dtype, value);
  if (own.length !== shape.length || !own.every(isPair))
    throw new RangeError(
      `pad: expected ${shape.length} pairs of non-negative integers for ${show(shape)}, got ${show(own)}`,
    );
  const to = checkShape(
    'pad',
    shape.map((d, i) => d + own[i]![0]! + own[i]![1]!),
  );
  return padOp([x], { lo: own.map(([lo]) => lo!), step: shape.map(() => 1), to, value });
}

const castOp: Op<One, { dtype: DType }> = defineOp<One, { dtype: DType }>({
  name: 'cast',
  shape: ([x]) => x,
  dtype: (_, { dtype }) => dtype,
  ref: (out, [x]) => {
    out.data.set(x.data);
  },
  traits: { total: true },
  batch: ({ ins, attrs, run }) => run(ins, attrs),
  vjp: [(g, [x]) => cast(g, x.dtype)],
});
/**
 * The values in another dtype: int32 drops fractions, wraps numbers beyond its range modulo 2^32
 * and has 0 for NaN and infinities; between floats the derivative is the identity.
 * @example
 * cast(tensor([1.7, -1.7]), 'int32'); // int32[2] on cpu [1, -1]
 */
export function cast(x: Tensor, dtype: 'int32'): IntTensor;
export function cast(x: Tensor, dtype: DType): Tensor;
export function cast(x: Tensor, dtype: DType): Tensor {
  x = checkTensor('cast', x);
  return x.dtype === checkDType('cast', dtype) ? x : castOp([x], { dtype });
}
