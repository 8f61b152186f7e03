import type { Tensor } from '../core/tensor.js';
import { checkFloat } from '../core/op.js';
import { aFunction, count, flag } from '../core/check.js';
import { checkOptions } from '../core/options.js';
import { add, checkKey, matmul, splitKey, transpose } from '../ops/index.js';
import { withChannels } from './channels.js';
import { checkTensors } from './check.js';
import { kaimingUniform, uniform, type Initializer } from './initializers.js';
import { initChecks, type Layer } from './layer.js';
import { show } from '../core/words.js';

/** Parameters of `linear`. */
export interface LinearParams {
  /** [out, in] */
  readonly weight: Tensor;
  /** [out] */
  readonly bias?: Tensor;
}
/** Whether the layer has a bias (true by default), and how its weight starts. */
export interface LinearOptions {
  readonly bias?: boolean;
  /** Uniform in +-1/sqrt(in) by default, as PyTorch. */
  readonly weight?: Initializer;
}

/**
 * y = x W' + b: x [..., in] into [..., out].
 * @param inputs length of the last axis of x
 * @param outputs length of the last axis of the result
 * @example
 * const layer = linear(3, 2);
 * const params = layer.init(randomKey(0));
 * layer.apply(params, ones([5, 3])).shape; // [ 5, 2 ]
 */
export function linear(inputs: number, outputs: number, options: LinearOptions = {}): Layer<LinearParams> {
  const { bias = true, weight = kaimingUniform({ gain: 1 / Math.sqrt(3) }) } = checkOptions('linear', options, {
    bias: flag,
    weight: aFunction,
  });
  const shape = [count('linear', 'out', outputs), count('linear', 'in', inputs)];
  const layer: Layer<LinearParams> = {
    name: 'linear',
    init: (given, options = {}) => {
      const init = checkOptions('linear', options, initChecks);
      const [k1, k2] = splitKey(checkKey('linear', given));
      const w = weight(k1, shape, init);
      return bias ? { weight: w, bias: uniform(k2, [outputs], 1 / Math.sqrt(inputs), init) } : { weight: w };
    },
    apply: (params, x) => {
      checkTensors(
        'linear',
        params,
        { weight: shape, ...((params as LinearParams | undefined)?.bias !== undefined && { bias: [outputs] }) },
        checkFloat('linear', x),
      );
      if (x.shape.at(-1) !== inputs) throw new RangeError(`linear: expected x [..., ${inputs}], got ${show(x.shape)}`);
      const y = matmul(x, transpose(params.weight));
      return params.bias ? add(y, params.bias) : y;
    },
  };
  return withChannels(layer, {
    kind: 'mixes',
    ...{ shape, rank: undefined, padded: false },
    resized: (from, to, bias) => linear(from, to, { bias, weight }),
  });
}
