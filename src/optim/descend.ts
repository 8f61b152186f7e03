import { atLeast } from '../core/check.js';
import { checkAlike, checkFloat } from '../core/op.js';
import { sameShape } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import { checkWithin, mapFor } from '../core/tree.js';
import { show } from '../core/words.js';
import { mul, sub } from '../ops/index.js';

/**
 * A step down a gradient: p - rate g, leaf by leaf.
 * @param grads a tree like the parameters; those without a gradient stay
 * @param rate a number of at least 0, or a scalar tensor
 * @example
 * descend({ w: tensor([1, 2]), b: tensor(3) }, { w: tensor([1, 1]) }, 0.5);
 * // { w: float32[2] on cpu [0.5, 1.5], b: float32[] on cpu 3 }
 */
export function descend<T>(params: T, grads: unknown, rate: Tensor | number): T {
  if (!(rate instanceof Tensor)) atLeast(0)('descend', 'a rate', rate);
  else if (checkFloat('descend', rate).shape.length > 0)
    throw new RangeError(`descend: expected a rate as a number or a scalar, got shape ${show(rate.shape)}`);
  const moved = mapFor('descend')(
    (p, g?: Tensor) => {
      if (!g) return p;
      checkAlike('descend', [checkFloat('descend', p), g]);
      if (!sameShape(p.shape, g.shape))
        throw new RangeError(`descend: expected a gradient of shape ${show(p.shape)}, got ${show(g.shape)}`);
      return sub(p, mul(g, rate));
    },
    params,
    grads,
  );
  checkWithin('descend', params, grads);
  return moved;
}
