import { flag, oneOf, whole } from '../core/check.js';
import { checkTensor, defineOp, sameDType, type One, type Two } from '../core/op.js';
import { checkOptions } from '../core/options.js';
import { aroundAxis, checkAxis } from '../core/shape.js';
import type { IntTensor, Tensor } from '../core/tensor.js';
import { show } from '../core/words.js';
import { axisBehindBatch } from './broadcast.js';
import { slice } from './movement.js';
import { takeAlong } from './take-along.js';

/** Options of `sort` and `argsort`. */
export interface SortOptions {
  /** Largest first; false by default. */
  readonly descending?: boolean;
}

export interface ArgsortAttrs {
  readonly axis: number;
  readonly descending: boolean;
}

/** The order of two numbers, NaN behind all others. */
const ascending = (x: number, y: number): number => (x < y ? -1 : x > y ? 1 : +(x !== x) - +(y !== y));

const argsortOp = defineOp<One, ArgsortAttrs>({
  name: 'argsort',
  shape: ([x]) => x,
  dtype: () => 'int32',
  ref: (out, [x], { axis, descending }) => {
    const [outer, length, inner] = aroundAxis(x.shape, axis);
    const order = new Int32Array(length);
    const keys = new Float64Array(length);
    const compare = (i: number, j: number): number => {
      const way = ascending(keys[i]!, keys[j]!);
      return way === 0 ? i - j : descending ? -way : way;
    };
    for (let o = 0; o < outer; o++)
      for (let i = 0; i < inner; i++) {
        const from = o * length * inner + i;
        for (let k = 0; k < length; k++) keys[(order[k] = k)] = x.data[from + k * inner]!;
        order.sort(compare);
        for (let k = 0; k < length; k++) out.data[from + k * inner] = order[k]!;
      }
  },
  batch: axisBehindBatch,
  vjp: null,
});

/**
 * The int32 indices that sort x along an axis, the last by default. Ties keep their order. NaN
 * counts as largest.
 * @example
 * argsort(tensor([3, 1, 2])); // int32[3] on cpu [1, 2, 0]
 */
export function argsort(x: Tensor, axis = -1, options: SortOptions = {}): IntTensor {
  const { descending = false } = checkOptions('argsort', options, { descending: flag });
  return argsortOp([x], {
    axis: checkAxis('argsort', axis, checkTensor('argsort', x).shape.length),
    descending,
  }) as IntTensor;
}

/**
 * x sorted along an axis, the last by default. NaN counts as largest. The derivative goes to the
 * element that each value came from.
 * @example
 * sort(tensor([3, 1, 2])); // float32[3] on cpu [1, 2, 3]
 * sort(tensor([3, 1, 2]), 0, { descending: true }); // float32[3] on cpu [3, 2, 1]
 */
export function sort(x: Tensor, axis = -1, options: SortOptions = {}): Tensor {
  const { descending = false } = checkOptions('sort', options, { descending: flag });
  const at = checkAxis('sort', axis, checkTensor('sort', x).shape.length);
  return takeAlong(x, argsortOp([x], { axis: at, descending }), at);
}

/** What `topK` finds. */
export interface TopK {
  /** The largest elements, the largest first. */
  readonly values: Tensor;
  /** Where they are along the axis, int32. */
  readonly indices: IntTensor;
}

/**
 * The k largest elements along an axis, the last by default, and their indices; the first of ties,
 * and NaN counts as largest. Throws a RangeError where the axis is shorter than k.
 * @example
 * topK(tensor([3, 1, 4, 2]), 2).values; // float32[2] on cpu [4, 3]
 */
export function topK(x: Tensor, k: number, axis = -1): TopK {
  const at = checkAxis('topK', axis, checkTensor('topK', x).shape.length);
  if (whole('topK', 'k', k) > x.shape[at]!)
    throw new RangeError(`topK: expected k of at most ${x.shape[at]!} along axis ${at} of ${show(x.shape)}, got ${k}`);
  const order = argsortOp([x], { axis: at, descending: true });
  const first = slice(
    order,
    x.shape.map(() => 0),
    x.shape.map((d, i) => (i === at ? k : d)),
  );
  return { values: takeAlong(x, first, at), indices: first as IntTensor };
}

export interface SearchAttrs {
  readonly right: boolean;
}

const searchSortedOp = defineOp<Two, SearchAttrs>({
  name: 'searchSorted',
  shape: ([, values]) => values,
  dtype: () => 'int32',
  ref: (out, [sorted, values], { right }) => {
    for (let i = 0; i < out.data.length; i++) {
      const value = values.data[i]!;
      let [low, high] = [0, sorted.data.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        const order = ascending(sorted.data[middle]!, value);
        if (order < 0 || (right && order === 0)) low = middle + 1;
        else high = middle;
      }
      out.data[i] = low;
    }
  },
  vjp: null,
});

/**
 * Where values belong in a sorted vector so that it stays sorted, int32: before equal elements on
 * side `left` (the default), behind them on side `right`.
 * @example
 * searchSorted(tensor([1, 3, 5]), tensor([3, 4])); // int32[2] on cpu [1, 2]
 */
export function searchSorted(
  sorted: Tensor,
  values: Tensor,
  options: { readonly side?: 'left' | 'right' } = {},
): IntTensor {
  const { side = 'left' } = checkOptions('searchSorted', options, { side: oneOf('left', 'right') });
  checkTensor('searchSorted', sorted, 1);
  sameDType('searchSorted', [sorted.dtype, checkTensor('searchSorted', values).dtype]);
  return searchSortedOp([sorted, values], { right: side === 'right' }) as IntTensor;
}
