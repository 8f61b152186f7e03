import type { DType } from '../core/dtype.js';
import { atLeast, flag } from '../core/check.js';
import { checkFloat } from '../core/op.js';
import { checkOptions } from '../core/options.js';
import type { Shape } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { add, checkKey, full, mul } from '../ops/index.js';
import { checkTensors } from './check.js';
import { initChecks, type Layer } from './layer.js';

/** Parameters of a layer that normalises: none without `affine`. */
export interface NormParams {
  /** Factors, 1 at first. */
  readonly scale?: Tensor;
  /** Summands, 0 at first. */
  readonly shift?: Tensor;
}

/** How a layer normalises. */
export interface NormOptions {
  /** Added to the variance; 1e-5 by default. */
  readonly eps?: number;
  /** Whether a scale and a shift are learned. */
  readonly affine?: boolean;
}

/** How the options of a layer that normalises are checked. */
export const normChecks = { eps: atLeast(0), affine: flag };

/** Fresh parameters of a shape, as many as there are names: each is filled with its value. */
export function filled(
  who: string,
  key: Tensor,
  shape: Shape,
  values: Readonly<Record<string, number>>,
  options: { readonly dtype?: DType } = {},
): Record<string, Tensor> {
  const { dtype } = checkOptions(who, options, initChecks);
  const { device } = checkKey(who, key);
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, full(device, shape, value, dtype)]));
}

/**
 * A layer that normalises x, and then scales and shifts it.
 * @param name of the layer
 * @param shape of the parameters
 * @param affine whether there are any
 * @param normalize checks x, and gives it normalised
 * @param spread a parameter that broadcasts to x
 */
export function affineNorm(
  name: string,
  shape: Shape,
  affine: boolean,
  normalize: (x: Tensor) => Tensor,
  spread: (parameter: Tensor, x: Tensor) => Tensor = (parameter) => parameter,
): Layer<NormParams> {
  return {
    name,
    init: (key, options = {}) => filled(name, key, shape, affine ? { scale: 1, shift: 0 } : {}, options),
    apply: (params, x) => {
      checkTensors(name, params, affine ? { scale: shape, shift: shape } : {}, checkFloat(name, x));
      const y = normalize(x);
      const { scale, shift } = params;
      return affine && scale && shift ? add(mul(y, spread(scale, x)), spread(shift, x)) : y;
    },
  };
}
