import { checkTensor, defineOp, type Op, type Two } from '../core/op.js';
import { checkAxis, sizeOf, type Shape } from '../core/shape.js';
import type { Dense, Tensor } from '../core/tensor.js';

export interface TakeAttrs {
  readonly axis: number;
  /** Shape of the tensor taken from. */
  readonly from: Shape;
}

/**
 * Visits the rows that `take` pairs: offsets of the source row and of the taken row, and their
 * length.
 */
function rows(
  { axis, from }: TakeAttrs,
  indices: Dense,
  visit: (source: number, taken: number, length: number) => void,
): void {
  const length = sizeOf(from.slice(axis + 1));
  const outer = sizeOf(from.slice(0, axis));
  const n = from[axis]!;
  const picks = Array.from(indices.data, (i) => {
    if (i < -n || i >= n) throw new RangeError(`take: expected indices from ${-n} to ${n - 1}, got ${i}`);
    return i < 0 ? i + n : i;
  });
  for (let o = 0, taken = 0; o < outer; o++)
    for (const i of picks) {
      visit((o * n + i) * length, taken, length);
      taken += length;
    }
}

// take and its scatter-add are adjoint: each is the other's rule.
const takeOp: Op<Two, TakeAttrs> = defineOp<Two, TakeAttrs>({
  name: 'take',
  shape: ([x, indices], { axis }) => [...x.slice(0, axis), ...indices, ...x.slice(axis + 1)],
  dtype: ([x]) => x,
  ref: (out, [x, indices], a) => {
    rows(a, indices, (source, taken, length) => {
      out.data.set(x.data.subarray(source, source + length), taken);
    });
  },
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
  vjp: [(h, [, indices], a) => takeOp([h, indices], a), null],
});

/**
 * The rows of x along an axis, at int32 indices of any shape. The shape of the indices takes the
 * place of the axis in the result. Indices may repeat, and negative ones count from the end. Throws
 * a RangeError for indices outside, and a TypeError for indices that are not int32.
 */
export function take(x: Tensor, indices: Tensor, axis = 0): Tensor {
  const at = checkAxis('take', axis, checkTensor('take', x).shape.length);
  if (checkTensor('take', indices).dtype !== 'int32')
    throw new TypeError(
      `take: expected int32 indices, got ${indices.dtype}; make them with arange(n, { dtype: 'int32' }), or convert them with cast(indices, 'int32')`,
    );
  return takeOp([x, indices], { axis: at, from: x.shape });
}
