import { between, flag, listOf } from '../core/check.js';
import { checkFloat } from '../core/op.js';
import { checkOptions } from '../core/options.js';
import { checkAxes, sizeOf } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { show } from '../core/words.js';
import { keptShape } from './broadcast.js';
import { add, equal, mul, where } from './elementwise.js';
import { reshape, slice, transpose } from './movement.js';
import { stack } from './join.js';
import type { Axes, ReduceOptions } from './reduce.js';
import { sort } from './sort.js';

const fraction = between(0, 1);

/** Rows of what is reduced, sorted, and the shape of a result. */
function sortedRows(who: string, x: Tensor, axes: Axes | undefined, options: ReduceOptions) {
  const { keepDims = false } = checkOptions(who, options, { keepDims: flag });
  const list = checkAxes(who, axes, checkFloat(who, x).shape.length);
  const kept = [...x.shape.keys()].filter((i) => !list.includes(i));
  const count = sizeOf(list.map((i) => x.shape[i]!));
  if (count === 0)
    throw new RangeError(`${who}: expected at least one element along axes ${show(list)}, got ${show(x.shape)}`);
  const lengths = kept.map((i) => x.shape[i]!);
  const rows = reshape(transpose(x, [...kept, ...list]), [sizeOf(lengths), count]);
  return { rows: sort(rows), shape: keepDims ? keptShape(x.shape, list) : lengths };
}

/** The quantile q of sorted rows, between two elements by their distance; NaN of rows with NaN. */
function quantileOf(rows: Tensor, q: number): Tensor {
  const [many, count] = rows.shape as [number, number];
  const column = (at: number): Tensor => slice(rows, [0, at], [many, 1]);
  const place = q * (count - 1);
  const low = Math.floor(place);
  const t = place - low;
  const value = t === 0 ? column(low) : add(mul(column(low), 1 - t), mul(column(low + 1), t));
  const last = column(count - 1);
  return where(equal(last, last), value, last);
}

/**
 * The quantile q of x over axes, between the two nearest elements by their distance ('linear' in
 * NumPy); of a list of numbers q, a new first axis with one result for each. NaN where an element
 * is NaN. Throws a RangeError for q outside of 0 .. 1.
 * @example
 * quantile(tensor([1, 2, 3, 4]), 0.5); // float32[] on cpu 2.5
 * quantile(tensor([1, 2, 3, 4]), [0, 0.25]); // float32[2] on cpu [1, 1.75]
 */
export function quantile(x: Tensor, q: number | readonly number[], axes?: Axes, options: ReduceOptions = {}): Tensor {
  const { rows, shape } = sortedRows('quantile', x, axes, options);
  if (typeof q === 'number') return reshape(quantileOf(rows, fraction('quantile', 'q', q)), shape);
  const list = listOf('quantile', 'q', q, (v) => fraction('quantile', 'q', v));
  if (list.length === 0) throw new RangeError('quantile: expected at least one q, got an empty list');
  return stack(list.map((v) => reshape(quantileOf(rows, v), shape)));
}

/**
 * The median of x over axes: of an even number of elements, the mean of the two in the middle.
 * @example
 * median(tensor([4, 1, 3])); // float32[] on cpu 3
 */
export function median(x: Tensor, axes?: Axes, options: ReduceOptions = {}): Tensor {
  const { rows, shape } = sortedRows('median', x, axes, options);
  return reshape(quantileOf(rows, 0.5), shape);
}
