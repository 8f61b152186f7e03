import type { Tensor } from '../core/tensor.js';
import { checkTensor } from '../core/op.js';
import { checkOptions } from '../core/options.js';
import { show } from '../core/shape.js';
import { add, batchNorm, batchNormWithStats, full, mul, onesLike, stopGradient, sub, zerosLike } from '../ops/index.js';
import { checkSize, checkTensors } from './check.js';
import type { StatefulLayer } from './layer.js';

/** Parameters of `batchNorm2d`: factor and summand of each channel, [c]. */
export interface BatchNormParams {
  readonly scale: Tensor;
  readonly shift: Tensor;
}
/** State of `batchNorm2d`: running mean and variance of each channel, [c]. */
export interface RunningStatistics {
  readonly mean: Tensor;
  /** With divisor n - 1, as PyTorch keeps it. */
  readonly variance: Tensor;
}

/**
 * Batch normalisation of x [n,c,h,w] per channel. While training it uses the batch's statistics and returns the state moved towards them by
 * `momentum`: running <- (1 - momentum) running + momentum batch; otherwise it uses the state.
 */
export function batchNorm2d(
  channels: number,
  options: { readonly momentum?: number; readonly eps?: number } = {},
): StatefulLayer<BatchNormParams, RunningStatistics> {
  const { momentum = 0.1, eps = 1e-5 } = checkOptions('batchNorm2d', options, ['momentum', 'eps']);
  checkSize('batchNorm2d', 'channels', channels);
  if (!(momentum >= 0 && momentum <= 1))
    throw new RangeError(`batchNorm2d: expected momentum from 0 to 1, got ${momentum}`);
  if (!(eps >= 0 && eps < Infinity)) throw new RangeError(`batchNorm2d: expected eps of at least 0, got ${eps}`);
  const towards = (old: Tensor, now: Tensor): Tensor => add(old, mul(sub(now, old), momentum));
  return {
    init: (key, { dtype } = {}) => {
      const { device } = checkTensor('batchNorm2d', key);
      return { scale: full(device, [channels], 1, dtype), shift: full(device, [channels], 0, dtype) };
    },
    initState: ({ scale }) => ({ mean: zerosLike(scale), variance: onesLike(scale) }),
    apply: (params, x, state, { training = true } = {}) => {
      checkTensors('batchNorm2d', params, { scale: [channels], shift: [channels] });
      checkTensors('batchNorm2d', state, { mean: [channels], variance: [channels] });
      const { scale, shift } = params;
      if (checkTensor('batchNorm2d', x).shape.length !== 4 || x.shape[1] !== channels || (training && x.size === 0))
        throw new RangeError(
          `batchNorm2d: expected x [n,${channels},h,w]${training ? ' with at least one element' : ''}, got ${show(x.shape)}`,
        );
      if (!training) return [batchNorm(x, scale, shift, { eps, mean: state.mean, variance: state.variance }), state];
      const { y, mean, variance } = batchNormWithStats(x, scale, shift, { eps });
      const n = x.size / channels;
      const unbiased = mul(stopGradient(variance), n / Math.max(1, n - 1));
      return [y, { mean: towards(state.mean, stopGradient(mean)), variance: towards(state.variance, unbiased) }];
    },
  };
}
