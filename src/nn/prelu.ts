import { count, finite } from '../core/check.js';
import { checkFloat } from '../core/op.js';
import { checkOptions } from '../core/options.js';
import type { Tensor } from '../core/tensor.js';
import { show } from '../core/words.js';
import { checkKey, full, greater, mul, reshape, where } from '../ops/index.js';
import { withChannels } from './channels.js';
import { checkTensors } from './check.js';
import { initChecks, type Layer } from './layer.js';

/** Parameters of `prelu`. */
export interface PreluParams {
  /** The slope of each channel, [channels] or [1]. */
  readonly weight: Tensor;
}

/**
 * x above 0, else a learned slope times x (He et al. 2015). There is one slope for all, or one for
 * each channel of x [n,channels,...]. The derivative at 0 is the slope.
 * @param channels how many slopes
 * @param initial the slope before training
 * @example
 * const layer = prelu();
 * layer.apply(layer.init(randomKey(0)), tensor([-1, 2])); // float32[2] on cpu [-0.25, 2]
 */
export function prelu(channels = 1, initial = 0.25): Layer<PreluParams> {
  const shape = [count('prelu', 'channels', channels)];
  finite('prelu', 'initial', initial);
  const layer: Layer<PreluParams> = {
    name: 'prelu',
    init: (key, options = {}) => {
      const { dtype } = checkOptions('prelu', options, initChecks);
      return { weight: full(checkKey('prelu', key).device, shape, initial, dtype) };
    },
    apply: (params, x) => {
      checkTensors('prelu', params, { weight: shape }, checkFloat('prelu', x));
      const one = channels === 1;
      if (!one && x.shape[1] !== channels)
        throw new RangeError(`prelu: expected x [n,${channels},...], got ${show(x.shape)}`);
      const slope = reshape(
        params.weight,
        x.shape.map((_, i) => (one || i !== 1 ? 1 : channels)),
      );
      return where(greater(x, 0), x, mul(x, slope));
    },
  };
  return withChannels(layer, {
    kind: 'each',
    ...(channels > 1 && { channels }),
    resized: (n) => (channels > 1 ? prelu(n, initial) : layer),
  });
}
