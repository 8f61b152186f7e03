import { atLeast } from '../core/check.js';
import { checkFloat } from '../core/op.js';
import { checkOptions } from '../core/options.js';
import type { Tensor } from '../core/tensor.js';
import { checkKey, mul, randomBernoulli } from '../ops/index.js';
import { withChannels } from './channels.js';
import { contextChecks, initChecks, type Context, type StatefulLayer } from './layer.js';

/**
 * x with each element 0 with probability `rate`, and the others over 1 - rate; x itself outside of
 * training. `who` refuses to train without a key.
 */
export function dropped(who: string, x: Tensor, rate: number, { training = true, key }: Context): Tensor {
  if (key !== undefined) checkKey(who, key);
  if (!training || rate === 0) return x;
  if (!key) throw new TypeError(`${who}: expected a key while training, got none`);
  if (!x.device.adopt && !key.device.adopt && key.device !== x.device)
    throw new TypeError(`${who}: expected the key on ${x.device.name}, as x, got one on ${key.device.name}`);
  return mul(x, mul(randomBernoulli(key, x.shape, { p: 1 - rate, dtype: x.dtype }), 1 / (1 - rate)));
}

/**
 * While training, zeroes each element with probability `rate` and divides the others by 1 - rate;
 * needs a key in the context.
 * @param rate the probability of each element to become 0
 * @example
 * const layer = dropout(0.5);
 * const [y] = layer.apply(undefined, ones([6]), undefined, { training: true, key: randomKey(0) });
 * y; // float32[6] on cpu [2, 2, 2, 0, 0, 2]
 */
export function dropout(rate: number): StatefulLayer<undefined, undefined> {
  atLeast(0, 1)('dropout', 'a rate', rate);
  const layer: StatefulLayer<undefined, undefined> = {
    name: 'dropout',
    init: (key, options = {}) => {
      checkKey('dropout', key);
      checkOptions('dropout', options, initChecks);
      return undefined;
    },
    initState: () => undefined,
    apply: (_, x, state, context = {}) => {
      const own = checkOptions('dropout', context, contextChecks);
      return [dropped('dropout', checkFloat('dropout', x), rate, own), state];
    },
  };
  return withChannels(layer, { kind: 'each', resized: () => layer });
}
