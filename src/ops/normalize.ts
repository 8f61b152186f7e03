import {
  checkAlike,
  checkFloat,
  checkTensor,
  defineMultiOp,
  defineOp,
  sameFloat,
  type One,
  type Op,
  type Three,
} from '../core/op.js';
import { atLeast, later } from '../core/check.js';
import { checkOptions } from '../core/options.js';
import { checkAxes, sameShape, sizeOf, stridesOf, type Shape } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { reductionOffsets } from '../core/view.js';
import { behindBatch, keptShape, sumKept, type ReduceAttrs } from './broadcast.js';
import { like } from './create.js';
import { add, div, mul, neg, rsqrt, sub } from './elementwise.js';
import { reshape } from './movement.js';
import { show } from '../core/words.js';

export interface NormalizeAttrs extends ReduceAttrs {
  readonly eps: number;
}

const meanOver = (x: Tensor, axes: readonly number[]): Tensor =>
  div(sumKept(x, axes), sizeOf(axes.map((i) => x.shape[i]!)));

// [x^, mean, variance] with x^ = (x - mean) / sqrt(variance + eps), variance with divisor n. The
// backward pass of x^ is an op of its own, self-adjoint in g; beyond it the derivatives are
// ordinary ops.
const normalizeOp = defineMultiOp<One, NormalizeAttrs>({
  name: 'normalize',
  infer: ([x], { axes }) => {
    const dtype = sameFloat('normalize', [x.dtype]);
    const kept = { shape: keptShape(x.shape, axes), dtype };
    return [{ shape: x.shape, dtype }, kept, kept];
  },
  ref: ([y, mean, variance], [x], { axes, eps }) => {
    const { kept, reduced } = reductionOffsets(x.shape, stridesOf(x.shape), 0, axes);
    kept.forEach((base, at) => {
      let m = 0;
      let v = 0;
      for (const r of reduced) m += x.data[base + r]!;
      m /= reduced.length;
      for (const r of reduced) v += (x.data[base + r]! - m) ** 2;
      v /= reduced.length;
      for (const r of reduced) y!.data[base + r] = (x.data[base + r]! - m) / Math.sqrt(v + eps);
      mean!.data[at] = m;
      variance!.data[at] = v;
    });
  },
  batch: behindBatch,
  vjp: [
    ([g, gMean, gVariance], [x], { axes, eps }, [y, mean, variance]) => {
      const n = sizeOf(axes.map((i) => x.shape[i]!));
      let dx = g ? normalizeGrad([g, y!, rsqrt(add(variance!, eps))], { axes }) : like(x, 0, x.shape);
      if (gMean) dx = add(dx, div(gMean, n));
      if (gVariance) dx = add(dx, mul(gVariance, mul(sub(x, mean!), 2 / n)));
      return dx;
    },
  ],
});

/**
 * r (g - mean g - y mean(g y)): the cotangent of x under normalize, with y = x^ and r = 1 /
 * sqrt(variance + eps).
 */
const normalizeGrad: Op<Three, ReduceAttrs> = defineOp<Three, ReduceAttrs>({
  name: 'normalizeGrad',
  shape: ([g]) => g,
  ref: (out, [g, y, scale], { axes }) => {
    const { kept, reduced } = reductionOffsets(g.shape, stridesOf(g.shape), 0, axes);
    kept.forEach((base, at) => {
      let mean = 0;
      let slope = 0;
      for (const r of reduced) {
        mean += g.data[base + r]!;
        slope += g.data[base + r]! * y.data[base + r]!;
      }
      mean /= reduced.length;
      slope /= reduced.length;
      for (const r of reduced)
        out.data[base + r] = scale.data[at]! * (g.data[base + r]! - mean - y.data[base + r]! * slope);
    });
  },
  batch: behindBatch,
  vjp: [
    (h, [, y, r], { axes }) => normalizeGrad([h, y, r], { axes }),
    (h, [g, y, r], { axes }) => neg(mul(r, add(mul(h, meanOver(mul(g, y), axes)), mul(g, meanOver(mul(h, y), axes))))),
    (h, [, , r], { axes }, out) => div(sumKept(mul(h, out), axes), r),
  ],
});

/** (x - mean) / sqrt(variance + eps) of a float tensor over axes, with divisor n. */
export const normalized = (x: Tensor, axes: readonly number[], eps: number): Tensor =>
  normalizeOp([x], { axes, eps })[0]!;

/** The axes of batch normalisation, and the number that keeps it from dividing by 0. */
export interface BatchNormOptions {
  /** Axes that share statistics: all but 1 by default. */
  readonly axes?: number | readonly number[];
  /** Added to the variance; 1e-5 by default. */
  readonly eps?: number;
}
/** Mean and variance of a batch, in the shape of the kept axes: [c] for [n,c,h,w]. */
export interface BatchStatistics {
  /** Means of the axes that are kept, in their order. */
  readonly mean: Tensor;
  /** Variances with divisor n. */
  readonly variance: Tensor;
}

const normalizeChecks = { axes: later, eps: atLeast(0) };

function setUp(
  who: string,
  x: Tensor,
  axes: number | readonly number[] | undefined,
  parameters: Record<string, Tensor>,
) {
  const { shape } = checkFloat(who, x);
  const list = checkAxes(who, axes === undefined ? shape.flatMap((_, i) => (i === 1 ? [] : [i])) : axes, shape.length);
  const kept: Shape = shape.filter((_, i) => !list.includes(i));
  for (const [name, t] of Object.entries(parameters))
    if (!sameShape(checkTensor(who, t).shape, kept))
      throw new RangeError(
        `${who}: expected ${name} of shape ${show(kept)} for x ${show(shape)}, got ${show(t.shape)}`,
      );
  checkAlike(who, [x, ...Object.values(parameters)]);
  const spread = (t: Tensor): Tensor => reshape(t, keptShape(shape, list));
  return { axes: list, kept, spread };
}

function ownStatistics(
  who: string,
  x: Tensor,
  scale: Tensor,
  shift: Tensor,
  { axes, eps = 1e-5 }: BatchNormOptions,
): BatchStatistics & { readonly y: Tensor } {
  const { axes: list, kept, spread } = setUp(who, x, axes, { scale, shift });
  const [y, mean, variance] = normalizeOp([x], { axes: list, eps }) as [Tensor, Tensor, Tensor];
  return { y: add(mul(y, spread(scale)), spread(shift)), mean: reshape(mean, kept), variance: reshape(variance, kept) };
}

/**
 * Batch normalisation with the batch's own statistics. It returns y and the statistics: see
 * `batchNorm`.
 * @example
 * const x = tensor([[1, 10], [3, 30]]);
 * const { mean, variance } = batchNormWithStats(x, ones([2]), zeros([2]));
 * mean; // float32[2] on cpu [2, 20]
 * variance; // float32[2] on cpu [1, 100]
 */
export const batchNormWithStats = (
  x: Tensor,
  scale: Tensor,
  shift: Tensor,
  options: BatchNormOptions = {},
): BatchStatistics & { readonly y: Tensor } =>
  ownStatistics('batchNormWithStats', x, scale, shift, checkOptions('batchNormWithStats', options, normalizeChecks));

/**
 * y = scale (x - mean) / sqrt(variance + eps) + shift, over all axes but 1: with the batch's
 * statistics (divisor n), or with `mean` and `variance` where they are given. scale, shift and the
 * statistics have the shape of the kept axes, [c] for [n,c,h,w].
 * @param scale factors, in the shape of the kept axes
 * @param shift summands, in the shape of the kept axes
 * @example
 * const x = tensor([[1, 10], [3, 30]]);
 * batchNorm(x, ones([2]), zeros([2])); // float32[2,2] on cpu [[-0.999995, -1], [0.999995, 1]]
 */
export function batchNorm(
  x: Tensor,
  scale: Tensor,
  shift: Tensor,
  options: BatchNormOptions & Partial<BatchStatistics> = {},
): Tensor {
  const {
    axes,
    eps = 1e-5,
    mean,
    variance,
  } = checkOptions('batchNorm', options, {
    ...normalizeChecks,
    mean: later,
    variance: later,
  });
  if (mean === undefined && variance === undefined) return ownStatistics('batchNorm', x, scale, shift, { axes, eps }).y;
  if (mean === undefined || variance === undefined)
    throw new TypeError(
      `batchNorm: expected both mean and variance or neither, got only ${mean ? 'mean' : 'variance'}`,
    );
  const { spread } = setUp('batchNorm', x, axes, { scale, shift, mean, variance });
  return add(mul(sub(x, spread(mean)), spread(mul(scale, rsqrt(add(variance, eps))))), spread(shift));
}

/**
 * Normalises each example over its last axis (or `axes`); scale and shift have the shape of those
 * axes.
 * @example
 * layerNorm(tensor([[1, 3], [10, 30]]), ones([2]), zeros([2]));
 * // float32[2,2] on cpu [[-0.999995, 0.999995], [-1, 1]]
 */
export function layerNorm(x: Tensor, scale: Tensor, shift: Tensor, options: BatchNormOptions = {}): Tensor {
  const { axes = -1, eps = 1e-5 } = checkOptions('layerNorm', options, normalizeChecks);
  const { shape } = checkFloat('layerNorm', x);
  const list = checkAxes('layerNorm', axes, shape.length);
  const own = shape.filter((_, i) => list.includes(i));
  const spread = (name: string, t: Tensor): Tensor => {
    if (!sameShape(checkTensor('layerNorm', t).shape, own))
      throw new RangeError(
        `layerNorm: expected ${name} of shape ${show(own)} for x ${show(shape)}, got ${show(t.shape)}`,
      );
    checkAlike('layerNorm', [x, t]);
    return reshape(
      t,
      shape.map((d, i) => (list.includes(i) ? d : 1)),
    );
  };
  return add(mul(normalized(x, list, eps), spread('scale', scale)), spread('shift', shift));
}
