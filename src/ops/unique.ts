import { anyNumber, whole } from '../core/check.js';
import { checkFits } from '../core/dtype.js';
import { checkTensor } from '../core/op.js';
import { checkOptions } from '../core/options.js';
import { checkSize } from '../core/shape.js';
import type { IntTensor, Tensor } from '../core/tensor.js';
import { bincount } from './counting.js';
import { arange, full, like } from './create.js';
import { cumsum } from './cumsum.js';
import { less, minimum, notEqual, sub, where } from './elementwise.js';
import { cast, reshape, slice } from './movement.js';
import { concat } from './join.js';
import { sum } from './reduce.js';
import { argsort, searchSorted } from './sort.js';
import { take } from './take.js';
import { scatterSet } from './take-along.js';

/** Options of `unique`. */
export interface UniqueOptions {
  /** How many values to give; without it they are counted, which reads the tensor at once. */
  readonly size?: number;
  /** What stands behind the values where there are fewer than `size`; 0 by default. */
  readonly fill?: number;
}

/** The distinct elements of a tensor. */
export interface Unique {
  /** In ascending order. */
  readonly values: Tensor;
  /** By element of the tensor, taken as a row: which of the values it is, int32. */
  readonly inverse: IntTensor;
  /** How many elements have each value, int32. */
  readonly counts: IntTensor;
}

/**
 * The distinct elements of x, with their counts and with the place of each element among them. Each
 * NaN is a value of its own. The derivative of a value goes to its first element. Inside of
 * `compile`, where no values are known, `size` must be given; there may not be more values.
 * @example
 * unique(tensor([3, 1, 3])).values; // float32[2] on cpu [1, 3]
 */
export function unique(x: Tensor, options: UniqueOptions = {}): Unique {
  const { size, fill = 0 } = checkOptions('unique', options, { size: whole, fill: anyNumber });
  if (size !== undefined) checkSize('unique', [size + 1]); // and one for those beyond
  checkFits('unique', checkTensor('unique', x).dtype, fill);
  const row = reshape(x, [-1]);
  const n = row.size;
  const order = argsort(row);
  const sorted = take(row, order);
  const first = full(x.device, [Math.min(n, 1)], 1, 'int32');
  const fresh = n < 2 ? first : concat([first, changes(sorted, n)]);
  const rank = sub(cumsum(fresh), 1);
  const many = size ?? sum(fresh).readSync()[0]!;
  const places = arange(x.device, 0, many, 1, 'int32');
  const firsts = minimum(searchSorted(rank, places), Math.max(0, n - 1));
  const found = n === 0 ? like(row, fill, [many]) : take(sorted, firsts);
  const counts = bincount(minimum(rank, many), many + 1);
  return {
    values: size === undefined ? found : where(less(places, sum(fresh)), found, fill),
    inverse: scatterSet(full(x.device, [n], 0, 'int32'), order, rank) as IntTensor,
    counts: slice(counts, [0], [many]) as IntTensor,
  };
}

/** 1 where an element of a sorted row differs from the one before it. */
const changes = (sorted: Tensor, n: number): Tensor =>
  cast(notEqual(slice(sorted, [1], [n - 1]), slice(sorted, [0], [n - 1])), 'int32');
