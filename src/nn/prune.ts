import { kindOf } from '../core/dtype.js';
import type { Tensor } from '../core/tensor.js';
import { leaves, mapTree } from '../core/tree.js';
import { abs, add, cast, lessEqual, max, maximum, mul, notEqual, stopGradient, sum, where } from '../ops/index.js';
import type { Masks } from './masked.js';

const HALVINGS = 100; // of the interval that holds the threshold: to neighbouring doubles

/**
 * Masks with 0 for the smallest |w| of all parameters whose masks are not 0 yet: that fraction of them, rounded down, over all leaves
 * together; where equal magnitudes straddle the limit, none of those. The threshold is found by bisection, on any device.
 */
export function magnitudePrune<P, M extends Masks<P>>(params: P, masks: M, fraction: number): M {
  if (!(fraction >= 0 && fraction <= 1))
    throw new RangeError(`magnitudePrune: expected a fraction from 0 to 1, got ${kindOf(fraction)}`);
  // Pruned already: below every threshold, and not counted.
  const magnitudes = mapTree(
    (m, w?: Tensor) => {
      if (!w) throw new TypeError('magnitudePrune: expected masks only where the parameters have tensors');
      return stopGradient(where(notEqual(m, 0), abs(w), -1));
    },
    masks,
    params,
  );
  const all = leaves(magnitudes);
  if (all.length === 0) throw new TypeError('magnitudePrune: expected a tree with at least one mask');
  const total = (count: (w: Tensor) => Tensor): Tensor => all.map((w) => sum(count(w))).reduce((x, y) => add(x, y));
  const alive = total((w) => lessEqual(0, w));
  const limit = cast(cast(mul(alive, fraction), 'int32'), alive.dtype);
  let lo = mul(alive, 0);
  let hi = add(
    all.map((w) => max(w)).reduce((x, y) => maximum(x, y)),
    1,
  );
  const within = (t: Tensor): Tensor =>
    lessEqual(
      total((w) => mul(lessEqual(w, t), lessEqual(0, w))),
      limit,
    );
  // Invariant: no more than `limit` are at most lo (or lo is 0), and more than that at most hi (or hi is above all).
  for (let i = 0; i < HALVINGS; i++) {
    const middle = mul(add(lo, hi), 0.5);
    const fits = within(middle);
    lo = where(fits, middle, lo);
    hi = where(fits, hi, middle);
  }
  const some = within(lo); // false only where even the zeros are too many
  return mapTree((m, w?: Tensor) => where(mul(lessEqual(w!, lo), some), 0, m), masks, magnitudes) as M;
}

/** Parameters set back to `initial`, but for those whose mask is 0, which stay (lottery-ticket rewinding, Frankle and Carbin 2019). */
export const rewind = <P>(params: P, initial: P, masks: Masks<P>): P =>
  mapTree((w, w0?: Tensor, m?: Tensor) => (m ? where(notEqual(m, 0), w0!, w) : w0!), params, initial, masks);
