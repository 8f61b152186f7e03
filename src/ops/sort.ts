import { flag, oneOf, whole } from '../core/check.js';
import { checkDevices, checkTensor, defineOp, sameDType, type One, type Op, type Two } from '../core/op.js';
import { checkOptions } from '../core/options.js';
import { aroundAxis, checkAxis } from '../core/shape.js';
import type { IntTensor, Tensor } from '../core/tensor.js';
import { show } from '../core/words.js';
import { axisBehindBatch } from './broadcast.js';
import { full } from './create.js';
import { reshape } from './movement.js';
import { takeAlong } from './take-along.js';

/** Options of `sort` and `argsort`. */
export interface SortOptions {
  /** Largest first; false by default. */
  readonly descending?: boolean;
}

export interface ArgsortAttrs {
  readonly axis: number;
  readonly descending: boolean;
  /** How many indices of each row are wanted, from the first. */
  readonly first: number;
}

/** The order of two numbers, NaN behind all others. */
const ascending = (x: number, y: number): number => (x < y ? -1 : x > y ? 1 : +(x !== x) - +(y !== y));

const argsortOp = defineOp<One, ArgsortAttrs>({
  name: 'argsort',
  shape: ([x], { axis, first }) => x.map((d, i) => (i === axis ? first : d)),
  dtype: () => 'int32',
  ref: (out, [x], { axis, descending, first }) => {
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
        for (let k = 0; k < first; k++) out.data[(o * first + k) * inner + i] = order[k]!;
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
  const at = checkAxis('argsort', axis, checkTensor('argsort', x).shape.length);
  return argsortOp([x], { axis: at, descending, first: x.shape[at]! }) as IntTensor;
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
  return takeAlong(x, argsortOp([x], { axis: at, descending, first: x.shape[at]! }), at);
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
  const first = argsortOp([x], { axis: at, descending: true, first: k });
  return { values: takeAlong(x, first, at), indices: first as IntTensor };
}

export interface SearchAttrs {
  readonly right: boolean;
}

/** Where values [rows, n] belong in sorted rows [rows, length]. */
const searchSortedOp: Op<Two, SearchAttrs> = defineOp<Two, SearchAttrs>({
  name: 'searchSorted',
  shape: ([, values]) => values,
  dtype: () => 'int32',
  ref: (out, [sorted, values], { right }) => {
    const [length, n] = [sorted.shape[1]!, values.shape[1]!];
    for (let i = 0; i < out.data.length; i++) {
      const value = values.data[i]!;
      const from = Math.floor(i / n) * length;
      let [low, high] = [from, from + length];
      while (low < high) {
        const middle = (low + high) >> 1;
        const order = ascending(sorted.data[middle]!, value);
        if (order < 0 || (right && order === 0)) low = middle + 1;
        else high = middle;
      }
      out.data[i] = low - from;
    }
  },
  batch: ({ all, size, attrs, run }) => {
    const [sorted, values] = all();
    const [rows, length, n] = [sorted.shape[1]!, sorted.shape[2]!, values.shape[2]!];
    const [found] = run([reshape(sorted, [size * rows, length]), reshape(values, [size * rows, n])], attrs);
    return [reshape(found!, [size, rows, n])];
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
  checkDevices('searchSorted', [sorted, values]);
  if (sorted.size === 0) return full(values.device, values.shape, 0, 'int32') as IntTensor;
  const found = searchSortedOp([reshape(sorted, [1, sorted.size]), reshape(values, [1, values.size])], {
    right: side === 'right',
  });
  return reshape(found, values.shape) as IntTensor;
}
