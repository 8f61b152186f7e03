import type { Tensor } from '../core/tensor.js';
import { checkFloat } from '../core/op.js';
import { aFunction, count, flag } from '../core/check.js';
import { checkOptions } from '../core/options.js';
import { add, checkKey, convOf, reshape, splitKey, type ConvOptions, type Pair } from '../ops/index.js';
import { convChecks } from '../ops/conv.js';
import { pairOf, sidesOf } from '../ops/window.js';
import { checkTensors } from './check.js';
import { kaimingUniform, uniform, type Initializer } from './initializers.js';
import { initChecks, type Layer } from './layer.js';
import { show } from '../core/words.js';

/** Parameters of `conv`. */
export interface ConvParams {
  /** [out, in/groups, r, s] */
  readonly weight: Tensor;
  /** [out] */
  readonly bias?: Tensor;
}
/**
 * Geometry of the convolution, whether it has a bias (true by default), and how its weight starts.
 */
export interface ConvLayerOptions extends ConvOptions {
  readonly bias?: boolean;
  /** Uniform in +-1/sqrt(in/groups r s) by default, as PyTorch. */
  readonly weight?: Initializer;
}

/**
 * A convolution with `kernel` (a number or [r, s]) and a bias per channel: x [n,in,h,w] into
 * [n,out,p,q].
 * @param inputs channels of x
 * @param outputs channels of the result
 * @param kernel size of the filters: a number, or [height, width]
 * @example
 * const layer = conv(1, 8, 3, { padding: 1 });
 * const params = layer.init(randomKey(0));
 * layer.apply(params, ones([4, 1, 28, 28])).shape; // [ 4, 8, 28, 28 ]
 */
export function conv(inputs: number, outputs: number, kernel: Pair, options: ConvLayerOptions = {}): Layer<ConvParams> {
  const checked = checkOptions('conv', options, { ...convChecks, bias: flag, weight: aFunction });
  const {
    bias = true,
    weight = kaimingUniform({ gain: 1 / Math.sqrt(3) }),
    groups = 1,
    stride = 1,
    padding = 0,
    dilation = 1,
  } = checked;
  const [r, s] = pairOf('conv', 'kernel', kernel, 1);
  const geometry = {
    stride: pairOf('conv', 'stride', stride, 1),
    padding: sidesOf('conv', padding),
    dilation: pairOf('conv', 'dilation', dilation, 1),
    groups,
  };
  const perGroup = count('conv', 'in / groups', count('conv', 'in', inputs) / groups);
  count('conv', 'out / groups', count('conv', 'out', outputs) / groups);
  const shape = [outputs, perGroup, r, s];
  return {
    name: 'conv',
    init: (given, options = {}) => {
      const init = checkOptions('conv', options, initChecks);
      const [k1, k2] = splitKey(checkKey('conv', given));
      const w = weight(k1, shape, init);
      return bias ? { weight: w, bias: uniform(k2, [outputs], 1 / Math.sqrt(perGroup * r * s), init) } : { weight: w };
    },
    apply: (params, x) => {
      checkTensors(
        'conv',
        params,
        { weight: shape, ...((params as ConvParams | undefined)?.bias !== undefined && { bias: [outputs] }) },
        checkFloat('conv', x),
      );
      if (x.shape.length !== 4 || x.shape[1] !== inputs)
        throw new RangeError(`conv: expected x [n,${inputs},h,w], got ${show(x.shape)}`);
      const y = convOf('conv', x, params.weight, geometry);
      return params.bias ? add(y, reshape(params.bias, [1, outputs, 1, 1])) : y;
    },
  };
}
