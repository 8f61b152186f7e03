import { offAxis } from '../core/check.js';
import { checkAlike, checkDevices, checkTensor, defineOp, type Op, type Three, type Two } from '../core/op.js';
import { aroundAxis, broadcastShapes, checkAxis, type Shape } from '../core/shape.js';
import type { Dense, Tensor } from '../core/tensor.js';
import { show } from '../core/words.js';
import { axisBehindBatch, broadcastTo } from './broadcast.js';
import { zerosLike } from './create.js';
import { add } from './elementwise.js';
import { reshape } from './movement.js';

export interface AlongAttrs {
  /** The function that its errors name. */
  readonly who: string;
  readonly axis: number;
  /** Length of the axis that indices point into. */
  readonly length: number;
  /** The least index: 0, or -length where negative ones count from the end. */
  readonly least: number;
}

/** Visits each index: its own offset, and that of the element along the axis that it points to. */
function points(attrs: AlongAttrs, indices: Dense, visit: (at: number, target: number) => void): void {
  const { axis, length, least } = attrs;
  const [outer, count, inner] = aroundAxis(indices.shape, axis);
  let at = 0;
  for (let o = 0; o < outer; o++)
    for (let j = 0; j < count; j++)
      for (let i = 0; i < inner; i++, at++) {
        const index = indices.data[at]!;
        if (index < least || index >= length) throw offAxis(attrs, index);
        visit(at, (o * length + (index < 0 ? index + length : index)) * inner + i);
      }
}

const withLength = (shape: Shape, axis: number, length: number): Shape =>
  shape.map((d, i) => (i === axis ? length : d));

// takeAlong and its scatter-add are adjoint: each is the other's rule.
const takeAlongOp: Op<Two, AlongAttrs> = defineOp<Two, AlongAttrs>({
  name: 'takeAlong',
  shape: ([, indices]) => indices,
  dtype: ([x]) => x,
  ref: (out, [x, indices], a) => {
    points(a, indices, (at, target) => {
      out.data[at] = x.data[target]!;
    });
  },
  batch: axisBehindBatch,
  vjp: [(g, [, indices], a) => adjointOp([g, indices], a), null],
});
const adjointOp: Op<Two, AlongAttrs> = defineOp<Two, AlongAttrs>({
  name: 'takeAlongAdjoint',
  shape: ([g], { axis, length }) => withLength(g, axis, length),
  dtype: ([g]) => g,
  ref: (out, [g, indices], a) => {
    points(a, indices, (at, target) => {
      out.data[target]! += g.data[at]!;
    });
  },
  batch: axisBehindBatch,
  vjp: [(h, [, indices], a) => takeAlongOp([h, indices], a), null],
});

// Writing values is linear in them. Its adjoint takes what stays, and 0 for what is overwritten.
const scatterSetOp: Op<Three, AlongAttrs> = defineOp<Three, AlongAttrs>({
  name: 'scatterSet',
  shape: ([x]) => x,
  dtype: ([x]) => x,
  ref: (out, [x, indices, values], a) => {
    out.data.set(x.data);
    points(a, indices, (at, target) => {
      out.data[target] = values.data[at]!;
    });
  },
  batch: axisBehindBatch,
  vjp: [
    (g, [, indices, values], a) => scatterSetOp([g, indices, zerosLike(values)], a),
    null,
    (g, [, indices], a) => takeWrittenOp([g, indices], a),
  ],
});
const takeWrittenOp: Op<Two, AlongAttrs> = defineOp<Two, AlongAttrs>({
  name: 'takeWritten',
  shape: ([, indices]) => indices,
  dtype: ([g]) => g,
  ref: (out, [g, indices], a) => {
    const writers = new Int32Array(g.data.length); // 1 + the place of the last
    points(a, indices, (at, target) => {
      if (writers[target]! > 0) out.data[writers[target]! - 1] = 0;
      out.data[at] = g.data[target]!;
      writers[target] = at + 1;
    });
  },
  batch: axisBehindBatch,
  vjp: [(h, [g, indices], a) => scatterSetOp([zerosLike(g), indices, h], a), null],
});

/** Indices with the shape of x in all axes but one, as int32. */
function checkIndices(who: string, x: Tensor, indices: Tensor, axis: number): number {
  const rank = checkTensor(who, x).shape.length;
  const at = checkAxis(who, axis, rank);
  if (checkTensor(who, indices).dtype !== 'int32')
    throw new TypeError(`${who}: expected int32 indices, got ${indices.dtype}`);
  if (indices.shape.length !== rank)
    throw new RangeError(`${who}: expected indices of rank ${rank} for ${show(x.shape)}, got ${show(indices.shape)}`);
  return at;
}

/**
 * The elements of x at int32 indices along an axis, the last by default: y[i, j] = x[i, indices[i,
 * j]]. The other axes broadcast. Negative indices count from the end. Throws a RangeError for
 * indices outside of x.
 * @example
 * takeAlong(tensor([[1, 2], [3, 4]]), tensor([[1], [0]], { dtype: 'int32' }));
 * // float32[2,1] on cpu [[2], [3]]
 */
export function takeAlong(x: Tensor, indices: Tensor, axis = -1): Tensor {
  const at = checkIndices('takeAlong', x, indices, axis);
  const others = broadcastShapes('takeAlong', withLength(x.shape, at, 1), withLength(indices.shape, at, 1));
  const length = x.shape[at]!;
  return takeAlongOp(
    [broadcastTo(x, withLength(others, at, length)), broadcastTo(indices, withLength(others, at, indices.shape[at]!))],
    { who: 'takeAlong', axis: at, length, least: -length },
  );
}

/** x[i, labels[i]] of x [n,k] and labels [n]; `who` refuses labels outside of 0 .. k - 1. */
export function atLabels(who: string, x: Tensor, labels: Tensor): Tensor {
  const [n, k] = x.shape as [number, number];
  return reshape(takeAlongOp([x, reshape(labels, [n, 1])], { who, axis: 1, length: k, least: 0 }), [n]);
}

/** Checked arguments of a scatter: indices and values of one shape, and where the indices point. */
function scattered(who: string, x: Tensor, indices: Tensor, values: Tensor, axis: number) {
  const at = checkIndices(who, x, indices, axis);
  checkAlike(who, [x, checkTensor(who, values)]);
  checkDevices(who, [x, indices]);
  const shape = withLength(x.shape, at, indices.shape[at]!);
  const length = x.shape[at]!;
  const attrs: AlongAttrs = { who, axis: at, length, least: -length };
  for (const t of [indices, values])
    if (broadcastShapes(who, t.shape, shape).some((d, i) => d !== shape[i]) || t.shape.length > shape.length)
      throw new RangeError(
        `${who}: expected indices and values that broadcast to ${show(shape)}, got ${show(t.shape)}`,
      );
  return { attrs, indices: broadcastTo(indices, shape), values: broadcastTo(values, shape) };
}

/**
 * x with values added at int32 indices along an axis, the last by default: y[i, indices[i, j]] +=
 * values[i, j]. Indices may repeat. The adjoint of `takeAlong`: the derivative in the values is
 * taken along the same indices. Throws a RangeError for indices outside of x.
 * @example
 * scatterAdd(tensor([1, 2]), tensor([1, 1, 0], { dtype: 'int32' }), tensor([10, 20, 30]));
 * // float32[2] on cpu [31, 32]
 */
export function scatterAdd(x: Tensor, indices: Tensor, values: Tensor, axis = -1): Tensor {
  const { attrs, ...own } = scattered('scatterAdd', x, indices, values, axis);
  return add(x, adjointOp([own.values, own.indices], attrs));
}

/** Sums of g by index 0 .. length - 1 along an axis; `who` refuses other indices. */
export const putAlong = (who: string, g: Tensor, indices: Tensor, axis: number, length: number): Tensor =>
  adjointOp([g, indices], { who, axis, length, least: 0 });

/** The same of weights along the only axis. */
export const sumsByIndex = (who: string, indices: Tensor, weights: Tensor, length: number): Tensor =>
  putAlong(who, weights, indices, 0, length);

/**
 * x with values in place of its elements at int32 indices along an axis, the last by default. Of
 * indices that repeat, the last one counts. What is overwritten gets a zero derivative. Throws a
 * RangeError for indices outside of x.
 * @example
 * scatterSet(tensor([1, 2]), tensor([-1], { dtype: 'int32' }), tensor([10]));
 * // float32[2] on cpu [1, 10]
 */
export function scatterSet(x: Tensor, indices: Tensor, values: Tensor, axis = -1): Tensor {
  const { attrs, ...own } = scattered('scatterSet', x, indices, values, axis);
  return own.indices.size === 0 ? x : scatterSetOp([x, own.indices, own.values], attrs);
}
