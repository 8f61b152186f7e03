import type { Tensor } from '../core/tensor.js';
import { checkFloat } from '../core/op.js';
import { atLeast, between, count } from '../core/check.js';
import { checkOptions } from '../core/options.js';
import {
  add,
  batchNorm,
  checkKey,
  batchNormWithStats,
  full,
  mul,
  onesLike,
  stopGradient,
  sub,
  zerosLike,
} from '../ops/index.js';
import { withChannels } from './channels.js';
import { checkTensors } from './check.js';
import { contextChecks, initChecks, type StatefulLayer } from './layer.js';
import { show } from '../core/words.js';

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
 * Batch normalisation of x [n,c,h,w] per channel. While training it uses the batch's statistics and
 * returns the state moved towards them by `momentum`: running <- (1 - momentum) running + momentum
 * batch; otherwise it uses the state.
 * @example
 * const layer = batchNorm2d(3);
 * const params = layer.init(randomKey(0));
 * const [y, state] = layer.apply(params, ones([4, 3, 8, 8]), layer.initState(params));
 * state.mean; // float32[3] on cpu [0.1, 0.1, 0.1]
 */
export function batchNorm2d(
  channels: number,
  options: { readonly momentum?: number; readonly eps?: number } = {},
): StatefulLayer<BatchNormParams, RunningStatistics> {
  const { momentum = 0.1, eps = 1e-5 } = checkOptions('batchNorm2d', options, {
    momentum: between(0, 1),
    eps: atLeast(0),
  });
  count('batchNorm2d', 'channels', channels);
  const towards = (old: Tensor, now: Tensor): Tensor => add(old, mul(sub(now, old), momentum));
  const layer: StatefulLayer<BatchNormParams, RunningStatistics> = {
    name: 'batchNorm2d',
    init: (key, init = {}) => {
      const { device } = checkKey('batchNorm2d', key);
      const { dtype } = checkOptions('batchNorm2d', init, initChecks);
      return { scale: full(device, [channels], 1, dtype), shift: full(device, [channels], 0, dtype) };
    },
    initState: (params) => {
      checkTensors('batchNorm2d', params, { scale: [channels] });
      return { mean: zerosLike(params.scale), variance: onesLike(params.scale) };
    },
    apply: (params, x, state, context = {}) => {
      const { training = true } = checkOptions('batchNorm2d', context, contextChecks);
      checkTensors('batchNorm2d', params, { scale: [channels], shift: [channels] }, checkFloat('batchNorm2d', x));
      checkTensors('batchNorm2d', state, { mean: [channels], variance: [channels] }, x);
      const { scale, shift } = params;
      if (x.shape.length !== 4 || x.shape[1] !== channels || (training && x.size === 0))
        throw new RangeError(
          `batchNorm2d: expected x [n,${channels},h,w]${training ? ' with at least one element' : ''}, got ${show(x.shape)}`,
        );
      if (!training) {
        const { mean, variance } = state;
        return [batchNorm(x, scale, shift, { eps, mean, variance }), { mean, variance }];
      }
      const { y, mean, variance } = batchNormWithStats(x, scale, shift, { eps });
      const n = x.size / channels;
      const unbiased = mul(stopGradient(variance), n / Math.max(1, n - 1));
      return [y, { mean: towards(state.mean, stopGradient(mean)), variance: towards(state.variance, unbiased) }];
    },
  };
  return withChannels(layer, {
    kind: 'each',
    ...{ channels, rank: 4, factor: 'scale' },
    resized: (n) => batchNorm2d(n, { momentum, eps }),
  });
}
