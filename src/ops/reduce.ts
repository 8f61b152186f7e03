import { checkFloat, checkTensor, defineOp, type One, type Op } from '../core/op.js';
import { flag } from '../core/check.js';
import { checkOptions } from '../core/options.js';
import { checkAxes, checkAxis, sizeOf, type Shape } from '../core/shape.js';
import { detach } from '../core/storage.js';
import type { IntTensor, Tensor } from '../core/tensor.js';
import { axisBehindBatch, behindBatch, fold, keptShape, sumKept, type ReduceAttrs } from './broadcast.js';
import {
  abs,
  add,
  div,
  equal,
  exp,
  less,
  log,
  log1p,
  mul,
  neg,
  notEqual,
  sqrt,
  square,
  sub,
  where,
} from './elementwise.js';
import { named } from './define-elementwise.js';
import { cast, pad, reshape, slice } from './movement.js';
import { show } from '../core/words.js';

/** How a reduction treats its axes. */
export interface ReduceOptions {
  /** Whether reduced axes stay, with length 1. */
  readonly keepDims?: boolean;
}
/** One axis, or a list of distinct ones; negative ones count from the end. */
export type Axes = number | readonly number[];

const maxOp: Op<One, ReduceAttrs> = defineOp<One, ReduceAttrs>({
  name: 'max',
  shape: ([x], { axes }) => keptShape(x, axes),
  ref: (out, [x], { axes }) => {
    fold(x, axes, (at, base, reduced) => {
      let m = -Infinity;
      for (const r of reduced) m = Math.max(m, x.data[base + r]!);
      out.data[at] = m;
    });
  },
  batch: behindBatch,
  vjp: [
    (g, [x], { axes }, out) => {
      const ties = equal(x, out);
      return mul(g, div(ties, sumKept(ties, axes)));
    },
  ],
});

/** Wraps a reduction that keeps its axes: checks axes and drops them unless asked not to. */
export function reduction(
  name: string,
  kept: (x: Tensor, axes: readonly number[]) => Tensor,
  check: (who: string, x: unknown) => Tensor = checkTensor,
) {
  return named(name, (given: Tensor, axes?: Axes, options: ReduceOptions = {}): Tensor => {
    const { keepDims = false } = checkOptions(name, options, { keepDims: flag });
    const x = check(name, given);
    const list = checkAxes(name, axes, x.shape.length);
    const y = kept(x, list);
    return keepDims
      ? y
      : reshape(
          y,
          x.shape.filter((_, i) => !list.includes(i)),
        );
  });
}
const countOf = (x: Tensor, axes: readonly number[]): number => sizeOf(axes.map((i) => x.shape[i]!));
const meanKept = (x: Tensor, axes: readonly number[]): Tensor => div(sumKept(x, axes), countOf(x, axes));
/** Centred twice: the first mean is rounded to the dtype, which a large offset would make felt. */
function varianceKept(x: Tensor, axes: readonly number[]): Tensor {
  const d = sub(x, meanKept(x, axes));
  return meanKept(square(sub(d, meanKept(d, axes))), axes);
}
/** Reverses the order of elements; -1 - x does not overflow at the least integer, as -x would. */
export const reversed = (x: Tensor): Tensor => (x.dtype === 'int32' ? sub(-1, x) : neg(x));

/**
 * The largest element over axes, which stay with length 1; `name` refuses axes without elements.
 */
export function maxKept(name: string, x: Tensor, axes: readonly number[]): Tensor {
  if (countOf(x, axes) === 0)
    throw new RangeError(`${name}: expected at least one element along axes ${show(axes)}, got ${show(x.shape)}`);
  return axes.length === 0 ? x : maxOp([x], { axes });
}

/** The product by halves, so that its derivatives of every order hold at zeros too. */
function prodKept(x: Tensor, axes: readonly number[]): Tensor {
  for (const axis of axes) {
    const along = (value: number, others: Shape) => others.map((d, i) => (i === axis ? value : d));
    const origin = x.shape.map(() => 0);
    while (x.shape[axis] !== 1) {
      const length = x.shape[axis]!;
      if (length % 2 === 1 || length === 0) {
        x = pad(
          x,
          x.shape.map((_, i) => [0, i === axis ? 1 : 0]),
          1,
        );
        continue;
      }
      const half = length / 2;
      const size = along(half, x.shape);
      x = mul(slice(x, origin, size), slice(x, along(half, origin), size));
    }
  }
  return x;
}

/** In double precision, where the products on the way neither overflow nor lose digits. */
export const prodInDouble = (x: Tensor, axes: readonly number[]): Tensor =>
  x.dtype === 'float32' ? cast(prodKept(cast(x, 'float64'), axes), 'float32') : prodKept(x, axes);

/**
 * top + log(1 + the sum of the other e^(x - top)), with the largest element as top, so that it
 * neither overflows nor loses small terms.
 */
function logSumExpKept(x: Tensor, axes: readonly number[]): Tensor {
  if (countOf(x, axes) === 0) return log(sumKept(exp(x), axes));
  const top = detach(maxKept('logSumExp', x, axes));
  const shift = where(less(abs(top), Infinity), top, 0);
  const ties = equal(x, top); // among them the 1 is shared out
  const rest = sumKept(sub(exp(sub(x, shift)), div(ties, sumKept(ties, axes))), axes);
  return add(log1p(rest), shift);
}

/**
 * The sum over axes; float32 sums are accumulated in double precision.
 * @example
 * sum(tensor([[1, 2], [3, 4]])); // float32[] on cpu 10
 * sum(tensor([[1, 2], [3, 4]]), 1, { keepDims: true }); // float32[2,1] on cpu [[3], [7]]
 */
export const sum = reduction('sum', sumKept);
/**
 * The mean over axes; of int32, such as a comparison of labels, in float32.
 * @example
 * mean(tensor([[1, 3], [4, 2]]), 0); // float32[2] on cpu [2.5, 2.5]
 * mean(equal(tensor([1, 2], { dtype: 'int32' }), 2)); // float32[] on cpu 0.5
 */
export const mean = reduction('mean', (x, axes) => meanKept(x.dtype === 'int32' ? cast(x, 'float32') : x, axes));
/**
 * The largest element over axes, NaN if any is; ties share the derivative equally.
 * @example
 * max(tensor([[1, 3], [4, 2]]), 1); // float32[2] on cpu [3, 4]
 */
export const max = reduction('max', (x, axes) => maxKept('max', x, axes));
/**
 * The smallest element over axes, NaN if any is; ties share the derivative equally.
 * @example
 * min(tensor([[1, 3], [4, 2]]), 1); // float32[2] on cpu [1, 2]
 */
export const min = reduction('min', (x, axes) => reversed(maxKept('min', reversed(x), axes)));
/**
 * The product over axes; of float32, in double precision.
 * @example
 * prod(tensor([1, 2, 3, 4])); // float32[] on cpu 24
 */
export const prod = reduction('prod', prodInDouble);
/**
 * The mean squared deviation from the mean over axes (divides by n, as NumPy).
 * @example
 * variance(tensor([1, 3])); // float32[] on cpu 1
 */
export const variance = reduction('variance', varianceKept, checkFloat);
/**
 * The square root of the variance; its derivative where all elements are equal is not finite.
 * @example
 * standardDeviation(tensor([1, 3])); // float32[] on cpu 1
 */
export const standardDeviation = reduction('standardDeviation', (x, axes) => sqrt(varianceKept(x, axes)), checkFloat);
/**
 * log of the sum of e^x over axes.
 * @example
 * logSumExp(tensor([1000, 1000])); // float32[] on cpu 1000.69
 */
export const logSumExp = reduction('logSumExp', logSumExpKept, checkFloat);
/**
 * 1 where any element differs from 0 (NaN does), else 0.
 * @example
 * any(tensor([[1, 0], [0, 0]]), 1); // float32[2] on cpu [1, 0]
 */
export const any = reduction('any', (x, axes) => notEqual(sumKept(notEqual(x, 0), axes), 0));
/**
 * 1 where every element differs from 0 (NaN does), else 0.
 * @example
 * all(tensor([[1, 0], [1, 1]]), 1); // float32[2] on cpu [0, 1]
 */
export const all = reduction('all', (x, axes) => equal(sumKept(equal(x, 0), axes), 0));

const argmaxOp = defineOp<One, { axis: number }>({
  name: 'argmax',
  shape: ([x], { axis }) => x.filter((_, i) => i !== axis),
  dtype: () => 'int32',
  ref: (out, [x], { axis }) => {
    fold(x, [axis], (at, base, reduced) => {
      let best = 0;
      for (let i = 1; i < reduced.length; i++) {
        const [v, m] = [x.data[base + reduced[i]!]!, x.data[base + reduced[best]!]!];
        if (v > m || (v !== v && m === m)) best = i;
      }
      out.data[at] = best;
    });
  },
  batch: axisBehindBatch,
  vjp: null,
});
/**
 * The index of the largest element along an axis (of the flattened tensor by default), the first of
 * ties; int32.
 * @example
 * argmax(tensor([[1, 3, 2], [6, 5, 4]]), 1); // int32[2] on cpu [1, 0]
 */
export const argmax = (x: Tensor, axis?: number, options: ReduceOptions = {}): IntTensor =>
  extreme('argmax', checkTensor('argmax', x), axis, options);
/**
 * The index of the smallest element along an axis (of the flattened tensor by default), the first
 * of ties; int32.
 * @example
 * argmin(tensor([[1, 3, 2], [6, 5, 4]]), 1); // int32[2] on cpu [0, 2]
 */
export const argmin = (x: Tensor, axis?: number, options: ReduceOptions = {}): IntTensor =>
  extreme('argmin', reversed(checkTensor('argmin', x)), axis, options);

function extreme(who: string, x: Tensor, axis: number | undefined, options: ReduceOptions): IntTensor {
  const { keepDims = false } = checkOptions(who, options, { keepDims: flag });
  const flat = axis === undefined ? reshape(x, [-1]) : x;
  const at = checkAxis(who, axis ?? 0, flat.shape.length);
  if (flat.shape[at] === 0)
    throw new RangeError(`${who}: expected at least one element along axis ${at}, got ${show(flat.shape)}`);
  const found = argmaxOp([flat], { axis: at });
  return (keepDims ? reshape(found, keptShape(x.shape, checkAxes(who, axis, x.shape.length))) : found) as IntTensor;
}
