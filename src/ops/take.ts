import { checkDevices, checkTensor, defineOp, type Op, type Two } from '../core/op.js';
import { checkAxis, sizeOf, type Shape } from '../core/shape.js';
import type { BatchCall, Dense, Tensor } from '../core/tensor.js';
import { fromTypedArray, like } from './create.js';
import { add, greaterEqual, less, mul, where } from './elementwise.js';
import { reshape, transpose } from './movement.js';

export interface TakeAttrs {
  /** The function that its errors name. */
  readonly who: string;
  readonly axis: number;
  /** Shape of the tensor taken from. */
  readonly from: Shape;
}

const LONG_RUN = 32; // elements from which `set` beats a loop

/**
 * Visits the rows that `take` pairs: offsets of the source row and of the taken row, and their
 * length.
 */
function rows(
  { who, axis, from }: TakeAttrs,
  indices: Dense,
  visit: (source: number, taken: number, length: number) => void,
): void {
  const length = sizeOf(from.slice(axis + 1));
  const outer = sizeOf(from.slice(0, axis));
  const n = from[axis]!;
  const picks = Array.from(indices.data, (i) => {
    if (i < -n || i >= n) throw new RangeError(`${who}: expected indices from ${-n} to ${n - 1}, got ${i}`);
    return i < 0 ? i + n : i;
  });
  for (let o = 0, taken = 0; o < outer; o++)
    for (const i of picks) {
      visit((o * n + i) * length, taken, length);
      taken += length;
    }
}

/** Axes `from`, as many as `count`, moved to begin at `to`. */
function moved(x: Tensor, from: number, count: number, to: number): Tensor {
  const axes = [...x.shape.keys()];
  const block = axes.splice(from, count);
  axes.splice(to, 0, ...block);
  return transpose(x, axes);
}

/**
 * Indices [size, ...] of rows of each example, as indices of the rows of all examples one after
 * another. What is outside of its example is outside of all.
 */
function indicesOfAll(indices: Tensor, n: number): Tensor {
  const size = indices.shape[0]!;
  const first = fromTypedArray(
    indices.device,
    Int32Array.from({ length: size }, (_, i) => i * n),
    [size, ...indices.shape.slice(1).map(() => 1)],
  );
  const positive = where(less(indices, 0), add(indices, n), indices);
  const inside = mul(greaterEqual(positive, 0), less(positive, n));
  return where(inside, add(positive, first), size * n);
}

/** Rules for `vmap`: other indices for each example are indices of the rows of all. */
function takeBatch({ ins, batched, size, attrs, all, run }: BatchCall<Two, TakeAttrs>) {
  const { axis, from } = attrs;
  if (!batched[1]) return run(ins, { ...attrs, axis: axis + 1, from: [size, ...from] });
  const rank = ins[1].shape.length - 1;
  if (!batched[0]) return run(ins, attrs).map((y) => moved(y, axis, 1, 0));
  // Names the indices of an example that are outside of it; below they are those of all rows.
  run([like(ins[0], 0, [from[axis]!]), ins[1]], { ...attrs, axis: 0, from: [from[axis]!] });
  const rows = moved(all()[0], axis + 1, 1, 1);
  const long = reshape(rows, [size * from[axis]!, ...rows.shape.slice(2)]);
  const taken = run([long, indicesOfAll(ins[1], from[axis]!)], { ...attrs, axis: 0, from: long.shape });
  return taken.map((y) => moved(y, 1, rank, axis + 1));
}
function scatterBatch({ ins, batched, size, attrs, all, run }: BatchCall<Two, TakeAttrs>) {
  const { axis, from } = attrs;
  if (!batched[1]) return run(ins, { ...attrs, axis: axis + 1, from: [size, ...from] });
  const rank = ins[1].shape.length - 1;
  const others = from.filter((_, i) => i !== axis);
  const g = moved(all()[0], axis + 1, rank, 1);
  const sums = run([g, indicesOfAll(ins[1], from[axis]!)], {
    ...attrs,
    axis: 0,
    from: [size * from[axis]!, ...others],
  });
  return sums.map((y) => moved(reshape(y, [size, from[axis]!, ...others]), 1, 1, axis + 1));
}

// take and its scatter-add are adjoint: each is the other's rule.
const takeOp: Op<Two, TakeAttrs> = defineOp<Two, TakeAttrs>({
  name: 'take',
  shape: ([x, indices], { axis }) => [...x.slice(0, axis), ...indices, ...x.slice(axis + 1)],
  dtype: ([x]) => x,
  ref: (out, [x, indices], a) => {
    rows(a, indices, (source, taken, length) => {
      if (length >= LONG_RUN) out.data.set(x.data.subarray(source, source + length), taken);
      else for (let i = 0; i < length; i++) out.data[taken + i] = x.data[source + i]!;
    });
  },
  batch: takeBatch,
  vjp: [(g, [, indices], a) => scatterAdd([g, indices], a), null],
});
const scatterAdd: Op<Two, TakeAttrs> = defineOp<Two, TakeAttrs>({
  name: 'takeAdjoint',
  shape: (_, { from }) => from,
  dtype: ([g]) => g,
  ref: (out, [g, indices], a) => {
    rows(a, indices, (source, taken, length) => {
      for (let i = 0; i < length; i++) out.data[source + i]! += g.data[taken + i]!;
    });
  },
  batch: scatterBatch,
  vjp: [(h, [, indices], a) => takeOp([h, indices], a), null],
});

/**
 * The rows of x along an axis, at int32 indices of any shape. The shape of the indices takes the
 * place of the axis in the result. Indices may repeat, and negative ones count from the end. Throws
 * a RangeError for indices outside, and a TypeError for indices that are not int32.
 * @param indices int32, of any shape
 * @example
 * take(tensor([10, 20, 30]), tensor([2, 0, 2], { dtype: 'int32' }));
 * // float32[3] on cpu [30, 10, 30]
 */
export const take = (x: Tensor, indices: Tensor, axis = 0): Tensor => taken('take', x, indices, axis);

/** `take` that names `who` in its errors. */
export function taken(who: string, x: Tensor, indices: Tensor, axis: number): Tensor {
  const at = checkAxis(who, axis, checkTensor(who, x).shape.length);
  if (checkTensor(who, indices).dtype !== 'int32')
    throw new TypeError(
      `${who}: expected int32 indices, got ${indices.dtype}; for a mask take where(mask)[0], else make them with arange(n, { dtype: 'int32' }), or convert them with cast(indices, 'int32')`,
    );
  checkDevices(who, [x, indices]);
  return takeOp([x, indices], { who, axis: at, from: x.shape });
}
