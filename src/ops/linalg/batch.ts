import { checkAlike, checkFloat } from '../../core/op.js';
import { broadcastShapes, sizeOf, type Shape } from '../../core/shape.js';
import type { BatchCall, Dense, Tensor } from '../../core/tensor.js';
import { show } from '../../core/words.js';
import { broadcastTo } from '../broadcast.js';
import { expandDims, squeeze, transpose } from '../movement.js';

/** Of ops on batches of matrices: examples are one more axis in front of the others. */
export const leadingBatch = <I extends readonly Tensor[], A>({ all, attrs, run }: BatchCall<I, A>): readonly Tensor[] =>
  run(all(), attrs);

/** The last two axes exchanged. */
export const swap = (x: Tensor): Tensor => {
  const rank = x.shape.length;
  return transpose(
    x,
    [...x.shape.keys()].map((i) => (i < rank - 2 ? i : 2 * rank - 3 - i)),
  );
};

/** Checks an argument that holds matrices [..., m, n]. */
export function checkMatrices(who: string, x: unknown): Tensor {
  const t = checkFloat(who, x);
  if (t.shape.length < 2) throw new RangeError(`${who}: expected matrices [..., m, n], got ${show(t.shape)}`);
  return t;
}

/** Checks an argument that holds square matrices [..., n, n]. */
export function checkSquare(who: string, x: unknown): Tensor {
  const t = checkFloat(who, x);
  if (t.shape.length < 2 || t.shape.at(-1) !== t.shape.at(-2))
    throw new RangeError(`${who}: expected square matrices [..., n, n], got ${show(t.shape)}`);
  return t;
}

/** A copy in double precision of matrix `b` of a batch. */
export const matrixAt = ({ data, shape }: Dense, b: number): Float64Array => {
  const size = sizeOf(shape.slice(-2));
  return Float64Array.from(data.subarray(b * size, (b + 1) * size));
};

/** The columns of a row-major matrix [m, n] one after another. */
export const turnedOver = (x: Float64Array, m: number, n: number): Float64Array => {
  const y = new Float64Array(m * n);
  for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) y[j * m + i] = x[i * n + j]!;
  return y;
};

/** How many matrices a shape [..., m, n] has. */
export const batchesOf = (shape: Shape): number => sizeOf(shape.slice(0, -2));

/**
 * A system's matrices [..., n, n] and right sides [..., n, m], whose leading axes broadcast; a
 * vector is one right side, and so is the result.
 */
export function onSystem(who: string, a: Tensor, b: Tensor, solve: (a: Tensor, b: Tensor) => Tensor): Tensor {
  checkSquare(who, a);
  checkFloat(who, b);
  checkAlike(who, [a, b]);
  const n = a.shape.at(-1)!;
  if (b.shape.length === 0 || b.shape.at(b.shape.length === 1 ? 0 : -2) !== n)
    throw new RangeError(
      `${who}: expected right sides [..., ${n}, m] or [${n}] for matrices ${show(a.shape)}, got ${show(b.shape)}`,
    );
  if (b.shape.length === 1) return squeeze(onSystem(who, a, expandDims(b, 1), solve), -1);
  const lead = broadcastShapes(who, a.shape.slice(0, -2), b.shape.slice(0, -2));
  return solve(broadcastTo(a, [...lead, n, n]), broadcastTo(b, [...lead, n, b.shape.at(-1)!]));
}
