import type { Tensor } from '../core/tensor.js';
import { add, conv2d, reshape, splitKey, type ConvOptions, type Pair } from '../ops/index.js';
import { checkSize } from './check.js';
import { kaimingUniform, uniform, type Initializer } from './initializers.js';
import type { Layer } from './layer.js';

export interface ConvParams {
  /** [out, in/groups, r, s] */
  readonly weight: Tensor;
  /** [out] */
  readonly bias?: Tensor;
}
export interface ConvLayerOptions extends ConvOptions {
  readonly bias?: boolean;
  /** Uniform in +-1/sqrt(in/groups r s) by default, as PyTorch. */
  readonly weight?: Initializer;
}

/** A convolution with `kernel` (a number or [r, s]) and a bias per channel: x [n,in,h,w] into [n,out,p,q]. */
export function conv(inputs: number, outputs: number, kernel: Pair, options: ConvLayerOptions = {}): Layer<ConvParams> {
  const { bias = true, weight = kaimingUniform({ gain: 1 / Math.sqrt(3) }), ...geometry } = options;
  const [r, s] = typeof kernel === 'number' ? [kernel, kernel] : kernel;
  const perGroup = checkSize('conv', 'in / groups', checkSize('conv', 'in', inputs) / (geometry.groups ?? 1));
  const shape = [
    checkSize('conv', 'out', outputs),
    perGroup,
    checkSize('conv', 'kernel', r),
    checkSize('conv', 'kernel', s),
  ];
  return {
    init: (key, init) => {
      const [k1, k2] = splitKey(key) as [Tensor, Tensor];
      const w = weight(k1, shape, init);
      return bias ? { weight: w, bias: uniform(k2, [outputs], 1 / Math.sqrt(perGroup * r * s), init) } : { weight: w };
    },
    apply: (params, x) => {
      const y = conv2d(x, params.weight, geometry);
      return params.bias ? add(y, reshape(params.bias, [1, outputs, 1, 1])) : y;
    },
  };
}
