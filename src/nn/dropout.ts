import { kindOf } from '../core/dtype.js';
import { checkTensor } from '../core/op.js';
import { mul, randomBernoulli } from '../ops/index.js';
import type { StatefulLayer } from './layer.js';

/** While training, zeroes each element with probability `rate` and divides the others by 1 - rate; needs a key in the context. */
export function dropout(rate: number): StatefulLayer<undefined, undefined> {
  if (!(rate >= 0 && rate < 1))
    throw new RangeError(`dropout: expected a rate of at least 0 and below 1, got ${kindOf(rate)}`);
  return {
    init: () => undefined,
    initState: () => undefined,
    apply: (_, x, state, { training = true, key } = {}) => {
      checkTensor('dropout', x);
      if (!training || rate === 0) return [x, state];
      if (!key) throw new TypeError('dropout: expected a key in the context while training, got none');
      return [mul(x, mul(randomBernoulli(key, x.shape, { p: 1 - rate, dtype: x.dtype }), 1 / (1 - rate))), state];
    },
  };
}
