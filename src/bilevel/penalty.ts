import { detach } from '../core/storage.js';
import type { Tensor } from '../core/tensor.js';
import type { Gradient } from '../core/tree.js';
import { add, dot, full, mul, sqrt, sub } from '../ops/index.js';
import { valueAndGradient } from '../transforms/differentiate.js';
import type { State, Step } from './lower-level.js';
import type { PenaltyOptions } from './mode.js';
import { descend } from './rule.js';

/**
 * d u/d ms (y) + lambda (d l/d ms (y) - d l/d ms (z)) for lower and upper losses l and u: z takes
 * gradient steps down l, and y down l + u / lambda, both from theta. Source: F2SA of Kwon, Kwon,
 * Wright and Nowak 2023, A Fully First-Order Method for Stochastic Bilevel Optimization.
 */
export function byPenalty<T, S, B, A>(
  who: string,
  { loss, batch, rule }: Step<T, S, B, A>,
  { theta, ms, carried }: State<T, S, A>,
  upper: (theta: T, ms: S) => Tensor,
  { weight, steps, learningRate }: PenaltyOptions,
) {
  const rate = learningRate ?? rule.rate;
  if (rate === undefined)
    throw new RangeError(`${who}: expected a learningRate of the mode penalty beside an optimizer, got none`);
  const lower = (w: T, masks: S): Tensor => loss(w, masks, batch, carried as A)[0];
  const both = (w: T, masks: S): Tensor => add(lower(w, masks), mul(upper(w, masks), 1 / weight));
  const slope = (f: typeof lower, w: T): Gradient<T> => valueAndGradient(who, (x: T) => f(x, ms), w)[1];
  let [y, z] = [theta, theta];
  let last = slope(both, theta);
  for (let k = 1; k <= steps; k++) {
    [y, z] = [descend(who, y, last, rate), descend(who, z, slope(lower, z), rate)];
    if (k < steps) last = slope(both, y);
  }
  const gap = (masks: S): Tensor => add(upper(y, masks), mul(sub(lower(y, masks), lower(z, masks)), weight));
  const dMs = valueAndGradient(who, gap, ms)[1];
  const residual = detach(mul(sqrt(dot(last, last)), weight));
  return { dMs, solve: { residual, steps: full(residual.device, [], steps, 'int32') } };
}
