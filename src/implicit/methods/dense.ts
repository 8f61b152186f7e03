import type { Tensor } from '../../core/tensor.js';
import {
  abs,
  argmax,
  concat,
  expandDims,
  full,
  min,
  mul,
  oneHot,
  onesLike,
  reshape,
  slice,
  stack,
  sub,
  take,
  where,
} from '../../ops/index.js';
import { eye } from '../../ops/create.js';
import { peek } from '../solution.js';
import { ratio, type Method } from './method.js';

/**
 * The matrix from its products with the unit vectors, then elimination with the largest pivot of
 * each column: for small systems, and exact up to rounding.
 */
export const dense: Method = ({ apply }, b) => {
  const n = b.size;
  const units = eye(b.device, n, b.dtype);
  const columns = Array.from({ length: n }, (_, i) => apply(reshape(slice(units, [i, 0], [1, n]), [n])));
  const { x, smallest } = eliminate(stack(columns, 1), b);
  return {
    dx: x,
    steps: full(b.device, [], n, 'int32'),
    ...(peek(smallest) === 0 && { trouble: 'the matrix is singular' }),
  };
};

/**
 * The solution of a x = b by the method of Gauss and Jordan, without a look at any value; and the
 * least absolute pivot. Where a pivot is 0 its row counts as zeros.
 */
function eliminate(a: Tensor, b: Tensor): { readonly x: Tensor; readonly smallest: Tensor } {
  const n = b.size;
  let m = concat([a, expandDims(b, 1)], 1);
  let free = onesLike(b);
  const [rows, pivots]: [Tensor[], Tensor[]] = [[], []];
  const column = (k: number): Tensor => reshape(slice(m, [0, k], [n, 1]), [n]);
  for (let k = 0; k < n; k++) {
    const entries = column(k);
    const at = argmax(where(free, abs(entries), -1));
    const chosen = oneHot(at, n, { dtype: 'int32' });
    const pivot = take(entries, at);
    const row = ratio(take(m, at), pivot);
    const reduced = sub(m, mul(expandDims(entries, 1), row));
    m = where(expandDims(chosen, 1), row, reduced);
    free = where(chosen, 0, free);
    rows.push(at);
    pivots.push(abs(pivot));
  }
  return { x: take(column(n), stack(rows)), smallest: min(stack(pivots)) };
}
