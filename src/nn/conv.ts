import type { Tensor } from '../core/tensor.js';
import { checkTensor } from '../core/op.js';
import { checkOptions } from '../core/options.js';
import { show } from '../core/shape.js';
import { add, conv2d, reshape, splitKey, type ConvOptions, type Pair } from '../ops/index.js';
import { pairOf, sidesOf } from '../ops/window.js';
import { checkSize, checkTensors } from './check.js';
import { kaimingUniform, uniform, type Initializer } from './initializers.js';
import type { Layer } from './layer.js';

/** Parameters of `conv`. */
export interface ConvParams {
  /** [out, in/groups, r, s] */
  readonly weight: Tensor;
  /** [out] */
  readonly bias?: Tensor;
}
/** Geometry of the convolution, whether it has a bias (true by default), and how its weight starts. */
export interface ConvLayerOptions extends ConvOptions {
  readonly bias?: boolean;
  /** Uniform in +-1/sqrt(in/groups r s) by default, as PyTorch. */
  readonly weight?: Initializer;
}

/** A convolution with `kernel` (a number or [r, s]) and a bias per channel: x [n,in,h,w] into [n,out,p,q]. */
export function conv(inputs: number, outputs: number, kernel: Pair, options: ConvLayerOptions = {}): Layer<ConvParams> {
  checkOptions('conv', options, ['stride', 'padding', 'dilation', 'groups', 'bias', 'weight']);
  const { bias = true, weight = kaimingUniform({ gain: 1 / Math.sqrt(3) }) } = options;
  const [r, s] = pairOf('conv', 'kernel', kernel, 1);
  const groups = checkSize('conv', 'groups', options.groups ?? 1);
  const geometry = {
    stride: pairOf('conv', 'stride', options.stride ?? 1, 1),
    padding: sidesOf('conv', options.padding ?? 0),
    dilation: pairOf('conv', 'dilation', options.dilation ?? 1, 1),
    groups,
  };
  const perGroup = checkSize('conv', 'in / groups', checkSize('conv', 'in', inputs) / groups);
  checkSize('conv', 'out / groups', checkSize('conv', 'out', outputs) / groups);
  const shape = [outputs, perGroup, r, s];
  return {
    init: (key, init) => {
      const [k1, k2] = splitKey(key) as [Tensor, Tensor];
      const w = weight(k1, shape, init);
      return bias ? { weight: w, bias: uniform(k2, [outputs], 1 / Math.sqrt(perGroup * r * s), init) } : { weight: w };
    },
    apply: (params, x) => {
      checkTensors('conv', params, { weight: shape, ...(params?.bias && { bias: [outputs] }) });
      if (checkTensor('conv', x).shape.length !== 4 || x.shape[1] !== inputs)
        throw new RangeError(`conv: expected x [n,${inputs},h,w], got ${show(x.shape)}`);
      const y = conv2d(x, params.weight, geometry);
      return params.bias ? add(y, reshape(params.bias, [1, outputs, 1, 1])) : y;
    },
  };
}
