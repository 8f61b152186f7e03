import { count, finite, listThat, whole, type Check } from '../core/check.js';
import { hidesValues } from '../core/device.js';
import { checkDevices, checkFloat, checkTensor } from '../core/op.js';
import type { DType } from '../core/dtype.js';
import { checkOptions } from '../core/options.js';
import { checkSize } from '../core/shape.js';
import { detach } from '../core/storage.js';
import type { IntTensor, Tensor } from '../core/tensor.js';
import { show } from '../core/words.js';
import { arange, full } from './create.js';
import { add, div, equal, greater, less, maximum, mul, sub, where } from './elementwise.js';
import { reshape, slice } from './movement.js';
import { concat } from './join.js';
import { max, min } from './reduce.js';
import { searchSorted } from './sort.js';
import { sumsByIndex } from './take-along.js';

/**
 * How often each of 0 .. length - 1 stands in a vector of int32 indices; or the sums of weights by
 * index. Counts are int32. Throws a RangeError for indices outside.
 * @example
 * bincount(tensor([0, 2, 2], { dtype: 'int32' }), 3); // int32[3] on cpu [1, 0, 2]
 */
export function bincount(indices: Tensor, length: number, options: { readonly weights?: Tensor } = {}): Tensor {
  const { weights } = checkOptions('bincount', options, { weights: (who, _, x) => checkTensor(who, x, 1) });
  const { shape, dtype, device } = checkTensor('bincount', indices, 1);
  if (dtype !== 'int32') throw new TypeError(`bincount: expected int32 indices, got ${dtype}`);
  if (weights && weights.shape[0] !== shape[0])
    throw new RangeError(`bincount: expected weights of shape ${show(shape)}, got ${show(weights.shape)}`);
  if (weights) checkDevices('bincount', [indices, weights]);
  const given = weights ?? full(device, shape, 1, 'int32');
  checkSize('bincount', [whole('bincount', 'length', length)]);
  return sumsByIndex('bincount', indices, given, length);
}

/** Two finite numbers, the smaller one first. */
const aRange: Check<readonly [number, number]> = (who, name, value) => {
  const [low, high, ...more] = listThat(finite)(who, name, value);
  if (low === undefined || high === undefined || more.length > 0 || !(low < high))
    throw new RangeError(`${who}: expected a range [low, high] with low below high, got ${show(value)}`);
  return [low, high];
};

/** Counts by interval, and the limits of the intervals. */
export interface Histogram {
  /** int32, one for each interval. */
  readonly counts: IntTensor;
  /** One more than intervals. */
  readonly edges: Tensor;
}

/**
 * How many elements lie in each of `bins` equal intervals from the least to the largest element, or
 * of a given range; the last interval includes its end. What lies outside, and NaN, is not counted.
 * Without a range, NaN and infinities are a RangeError; where values cannot be read, as inside
 * `compile`, their edges are not finite. No part of it has a derivative.
 * @example
 * histogram(tensor([0, 1, 1, 2]), 2).counts; // int32[2] on cpu [1, 3]
 */
export function histogram(
  x: Tensor,
  bins = 10,
  options: { readonly range?: readonly [number, number] } = {},
): Histogram {
  const { range } = checkOptions('histogram', options, {
    range: aRange,
  });
  const row = detach(reshape(checkFloat('histogram', x), [-1]));
  if (!range && row.size === 0)
    throw new RangeError(`histogram: expected at least one element or a range, got ${show(x.shape)}`);
  const n = count('histogram', 'bins', bins);
  checkSize('histogram', [n + 1]); // edges
  const [low, high] = range ?? spread(row);
  checkWidth(x.dtype, low, high);
  const edges = edgesOf(x, low, high, n);
  const place = sub(searchSorted(edges, row, { side: 'right' }), 1);
  const end = slice(edges, [n], [1]);
  const last = where(equal(row, end), n - 1, place);
  const outside = add(less(row, slice(edges, [0], [1])), add(greater(row, end), sub(1, equal(row, row))));
  const counts = bincount(where(outside, n, maximum(last, 0)), n + 1);
  return { counts: slice(counts, [0], [n]) as IntTensor, edges };
}

/**
 * Refuses limits whose difference is not finite in the dtype; in a transform and on webgpu those of
 * elements cannot be read.
 */
function checkWidth(dtype: DType, low: Tensor | number, high: Tensor | number): void {
  const limits = [low, high].map((limit) => (typeof limit === 'number' ? limit : readable(limit)));
  const [from, to] = limits;
  if (from === undefined || to === undefined) return;
  const rounded = dtype === 'float32' ? Math.fround : (v: number) => v;
  if (Number.isFinite(rounded(rounded(to) - rounded(from)))) return;
  const expected =
    Number.isFinite(from) && Number.isFinite(to)
      ? `a range of finite width in ${dtype}`
      : 'a range, or finite elements';
  throw new RangeError(`histogram: expected ${expected}, got ${limits.map((v) => shortest(dtype, v!)).join(' to ')}`);
}

/** The number in a scalar tensor, or undefined where it cannot be read. */
function readable(x: Tensor): number | undefined {
  if (hidesValues(x.device)) return undefined;
  try {
    return x.item();
  } catch {
    return undefined;
  }
}

/** The fewest digits that make this number in the dtype. */
function shortest(dtype: DType, v: number): string {
  if (dtype !== 'float32') return String(v);
  const digits = Array.from({ length: 9 }, (_, i) => Number(v.toPrecision(i + 1)));
  return String(digits.find((d) => Math.fround(d) === Math.fround(v)) ?? v);
}

/** The least and the largest element, half a unit apart from each other where they are one. */
function spread(row: Tensor): [Tensor, Tensor] {
  const [low, high] = [min(row), max(row)];
  const half = mul(equal(low, high), 0.5);
  return [sub(low, half), add(high, half)];
}

/** n + 1 numbers from low to high, both included exactly. */
function edgesOf(x: Tensor, low: Tensor | number, high: Tensor | number, n: number): Tensor {
  const part = div(arange(x.device, 0, n, 1, x.dtype), n);
  const width = typeof low === 'number' && typeof high === 'number' ? high - low : sub(high, low);
  const all = add(mul(part, width), low);
  const end = typeof high === 'number' ? full(x.device, [1], high, x.dtype) : reshape(high, [1]);
  return concat([all, end]);
}
