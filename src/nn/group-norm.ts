import { count } from '../core/check.js';
import { checkOptions } from '../core/options.js';
import { sizeOf } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { show } from '../core/words.js';
import { normalized, reshape } from '../ops/index.js';
import { affineNorm, normChecks, type NormOptions, type NormParams } from './affine.js';
import type { Layer } from './layer.js';

/** A layer that normalises each group of channels of each example. */
function groups(name: string, number: number, channels: number, eps: number, affine: boolean): Layer<NormParams> {
  const normalize = (x: Tensor): Tensor => {
    const [n, c, ...rest] = x.shape;
    if (c !== channels) throw new RangeError(`${name}: expected x [n,${channels},...], got ${show(x.shape)}`);
    const rows = reshape(x, [n!, number, (c / number) * sizeOf(rest)]);
    return reshape(normalized(rows, [2], eps), x.shape);
  };
  const spread = (parameter: Tensor, x: Tensor): Tensor =>
    reshape(
      parameter,
      x.shape.slice(1).map((_, i) => (i === 0 ? channels : 1)),
    );
  return affineNorm(name, [channels], affine, normalize, spread);
}

/**
 * (x - mean) / sqrt(variance + eps) over each group of channels of each example, then times a scale
 * and plus a shift of each channel: x [n,channels,...] (Wu and He 2018).
 * @param number how many groups, a divisor of the channels
 * @param channels length of axis 1 of x
 * @example
 * const layer = groupNorm(2, 4);
 * const x = tensor([[1, 3, 10, 30]]);
 * layer.apply(layer.init(randomKey(0)), x); // float32[1,4] on cpu [[-0.999995, 0.999995, -1, 1]]
 */
export function groupNorm(number: number, channels: number, options: NormOptions = {}): Layer<NormParams> {
  const { eps = 1e-5, affine = true } = checkOptions('groupNorm', options, normChecks);
  count('groupNorm', 'channels / groups', count('groupNorm', 'channels', channels) / count('groupNorm', 'groups', number)); // prettier-ignore
  return groups('groupNorm', number, channels, eps, affine);
}

/**
 * (x - mean) / sqrt(variance + eps) over each channel of each example: x [n,channels,...] (Ulyanov
 * et al. 2016). As in PyTorch, it has a scale and a shift only with `affine`.
 * @param channels length of axis 1 of x
 * @example
 * const layer = instanceNorm(1);
 * layer.apply({}, tensor([[[1, 3]]])); // float32[1,1,2] on cpu [[[-0.999995, 0.999995]]]
 */
export function instanceNorm(channels: number, options: NormOptions = {}): Layer<NormParams> {
  const { eps = 1e-5, affine = false } = checkOptions('instanceNorm', options, normChecks);
  return groups('instanceNorm', count('instanceNorm', 'channels', channels), channels, eps, affine);
}
