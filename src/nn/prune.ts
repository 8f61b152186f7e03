import { show } from '../core/words.js';
import { between } from '../core/check.js';
import { checkAlike, checkFloat } from '../core/op.js';
import { broadcastsTo, sameShape } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { checkWithin, copyTree, leavesOf, mapLeaves } from '../core/tree.js';
import { add, cast, less, lessEqual, like, max, maximum, mul, notEqual, sub, sum, where } from '../ops/index.js';
import { magnitudesOf } from './mask-trees.js';
import type { Masks } from './masked.js';

const HALVINGS = 54; // of an interval that ends below twice the threshold: to neighbouring doubles

/**
 * Masks with 0 for the smallest |w| of all parameters whose masks are not 0 yet. `fraction` says
 * how many of them, rounded down, over all leaves together. Where equal magnitudes stand on both
 * sides of the limit, none of them is pruned. The threshold is found by bisection, on any device.
 * @example
 * magnitudePrune({ w: tensor([3, -1, 2, 0.5]) }, { w: ones([4]) }, 0.5);
 * // { w: float32[4] on cpu [1, 0, 1, 0] }
 */
export function magnitudePrune<P, M extends Masks<P>>(params: P, masks: M, fraction: number): M {
  between(0, 1)('magnitudePrune', 'a fraction', fraction);
  const magnitudes = magnitudesOf('magnitudePrune', params, masks);
  const given = leavesOf('magnitudePrune', magnitudes);
  const all = given.filter((w) => w.size > 0);
  if (given.length === 0) throw new TypeError('magnitudePrune: expected a tree with at least one mask');
  if (all.length === 0) return copyTree('magnitudePrune', masks);
  checkAlike('magnitudePrune', [checkFloat('magnitudePrune', all[0]), ...all]);
  const total = (count: (w: Tensor) => Tensor): Tensor => all.map((w) => sum(count(w))).reduce((x, y) => add(x, y));
  const alive = total((w) => lessEqual(0, w));
  const limit = cast(cast(mul(alive, fraction), 'int32'), alive.dtype);
  const within = (t: Tensor): Tensor =>
    lessEqual(
      total((w) => mul(lessEqual(w, t), lessEqual(0, w))),
      limit,
    );
  const top = all.map((w) => max(where(less(w, Infinity), w, -1))).reduce((x, y) => maximum(x, y));
  // Invariant: no more than `limit` are at most lo (or lo is 0), and more than that at most hi (or
  // hi is the top, the largest finite one).
  let lo = like(top, 0);
  let hi = top;
  for (let shift = 1024; shift >= 1; shift /= 2) {
    const lower = mul(hi, 2 ** -shift);
    hi = where(within(lower), hi, lower);
  }
  for (let i = 0; i < HALVINGS; i++) {
    const middle = add(lo, mul(sub(hi, lo), 0.5));
    const fits = within(middle);
    lo = where(fits, middle, lo);
    hi = where(fits, hi, middle);
  }
  for (const end of [top, like(top, Infinity)]) lo = where(within(end), end, lo);
  const some = within(lo); // false only where even the zeros are too many
  return mapLeaves(
    'magnitudePrune',
    (m, w?: Tensor) => where(mul(lessEqual(w!, lo), some), 0, m),
    (leaf) => leaf,
    masks,
    magnitudes,
  ) as M;
}

/**
 * Parameters set back to `initial`, except those whose mask is 0. These stay as they are
 * (lottery-ticket rewinding, Frankle and Carbin 2019).
 * @example
 * rewind({ w: tensor([5, 6]) }, { w: tensor([1, 2]) }, { w: tensor([1, 0]) });
 * // { w: float32[2] on cpu [1, 6] }
 */
export function rewind<P>(params: P, initial: P, masks: Masks<P>): P {
  checkWithin('rewind', params, masks);
  return mapLeaves(
    'rewind',
    (w, w0?: Tensor, m?: Tensor) => {
      if (!w0 || !sameShape(w.shape, w0.shape))
        throw new RangeError(
          `rewind: expected an initial parameter of shape ${show(w.shape)}, got ${w0 ? show(w0.shape) : 'none'}`,
        );
      if (m && !broadcastsTo(m.shape, w.shape))
        throw new RangeError(
          `rewind: expected a mask that broadcasts to its parameter ${show(w.shape)}, got ${show(m.shape)}`,
        );
      checkAlike('rewind', [w, w0]);
      return m ? where(notEqual(m, 0), w0, w) : w0;
    },
    (x) => x,
    params,
    initial,
    masks,
  ) as P;
}
