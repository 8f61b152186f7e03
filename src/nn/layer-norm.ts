import { atLeast, count, listOf } from '../core/check.js';
import { checkFloat } from '../core/op.js';
import { checkOptions } from '../core/options.js';
import type { Shape } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { show } from '../core/words.js';
import { add, mean, mul, normalized, rsqrt, square } from '../ops/index.js';
import { affineNorm, filled, normChecks, type NormOptions, type NormParams } from './affine.js';
import { checkTensors } from './check.js';
import type { Layer } from './layer.js';

/** Lengths of the last axes: one number, or a list of them. */
const lengths = (who: string, width: number | readonly number[]): number[] =>
  typeof width === 'number'
    ? [count(who, 'width', width)]
    : listOf(who, 'widths', width, (d) => count(who, 'a width', d));

/** The last axes of x, which have these lengths. */
function lastAxes(who: string, x: Tensor, shape: Shape): number[] {
  const first = checkFloat(who, x).shape.length - shape.length;
  if (shape.some((d, i) => x.shape[first + i] !== d))
    throw new RangeError(`${who}: expected x [..., ${shape.join(', ')}], got ${show(x.shape)}`);
  return shape.map((_, i) => first + i);
}

/**
 * (x - mean) / sqrt(variance + eps) over the last axis of each example, or over several, then times
 * a scale and plus a shift (Ba et al. 2016). `layerNorm` of `bigrad` is the function.
 * @param width the length of the last axis, or those of the last axes
 * @example
 * const layer = layerNorm(2);
 * layer.apply(layer.init(randomKey(0)), tensor([[1, 3]]));
 * // float32[1,2] on cpu [[-0.999995, 0.999995]]
 */
export function layerNorm(width: number | readonly number[], options: NormOptions = {}): Layer<NormParams> {
  const { eps = 1e-5, affine = true } = checkOptions('layerNorm', options, normChecks);
  const shape = lengths('layerNorm', width);
  return affineNorm('layerNorm', shape, affine, (x) => normalized(x, lastAxes('layerNorm', x, shape), eps));
}

/** Parameters of `rmsNorm`. */
export interface RmsNormParams {
  /** Factors, 1 at first. */
  readonly weight: Tensor;
}

/**
 * x / sqrt(mean of x^2 + eps) over the last axis of each example, or over several, times a weight
 * (Zhang and Sennrich 2019). eps is 1e-6 by default.
 * @param width the length of the last axis, or those of the last axes
 * @example
 * const layer = rmsNorm(2);
 * layer.apply(layer.init(randomKey(0)), tensor([[1, 7]])); // float32[1,2] on cpu [[0.2, 1.4]]
 */
export function rmsNorm(
  width: number | readonly number[],
  options: Pick<NormOptions, 'eps'> = {},
): Layer<RmsNormParams> {
  const { eps = 1e-6 } = checkOptions('rmsNorm', options, { eps: atLeast(0) });
  const shape = lengths('rmsNorm', width);
  return {
    name: 'rmsNorm',
    init: (key, init = {}) => filled('rmsNorm', key, shape, { weight: 1 }, init) as { weight: Tensor },
    apply: (params, x) => {
      const axes = lastAxes('rmsNorm', x, shape);
      checkTensors('rmsNorm', params, { weight: shape }, x);
      return mul(mul(x, rsqrt(add(mean(square(x), axes, { keepDims: true }), eps))), params.weight);
    },
  };
}
