import { count } from '../core/check.js';
import { checkOptions } from '../core/options.js';
import { detach } from '../core/storage.js';
import type { Tensor } from '../core/tensor.js';
import { add, cast, greater, mul, sqrt, sub, where } from '../ops/index.js';
import { checkFunction } from '../transforms/differentiate.js';
import { rootChecks, rootOf, type RootOptions } from './custom-root.js';
import { inner, noSteps } from './methods/method.js';
import { quietly } from './quiet.js';
import { peek, type Solution } from './solution.js';
import { vectorsOf } from './vector.js';

/** How `fixedPoint` searches. */
export interface FixedPointOptions extends RootOptions {
  /** 100 by default. Inside `compile` all of them are part of the plan. */
  readonly maxSteps?: number;
}

/**
 * The x with x = step(x), found by x <- step(x) from a first x, with the derivatives of
 * `customFixedPoint` in all that step captures: a layer of a deep-equilibrium network. The first x
 * has no derivative. Throws a ConvergenceError where |x - step(x)| stays above tolerance (1 + |x|).
 * @param step a contraction
 * @param x where the search begins
 * @example
 * const layer = (w: Tensor) => fixedPoint((z) => tanh(mul(add(z, 1), w)), tensor(0)).x;
 * layer(tensor(0)); // float32[] on cpu 0
 * grad(layer)(tensor(0)); // float32[] on cpu 1
 */
export function fixedPoint<X = Tensor>(step: (x: X) => NoInfer<X>, x: X, options: FixedPointOptions = {}): Solution<X> {
  const who = 'fixedPoint';
  checkFunction(who, step);
  const { maxSteps = 100, ...rest } = checkOptions(who, options, { ...rootChecks, maxSteps: count });
  const search = (): { x: X; steps: ReturnType<typeof noSteps> } => {
    const { pack, unpack, lift } = vectorsOf(who, 'x', 'step to give a tree', x);
    const { call } = quietly();
    const next = lift(step);
    let at = detach(pack(x));
    let steps = noSteps(at);
    const tolerance = rest.tolerance ?? (at.dtype === 'float64' ? 1e-6 : 1e-4);
    for (let k = 0; k < maxSteps; k++) {
      const now = at;
      const y = call(() => next(now));
      const d = sub(y, at);
      const on = greater(sqrt(inner(d, d)), mul(add(sqrt(inner(at, at)), 1), tolerance));
      if (peek(on) === 0) break;
      at = where(on, y, at);
      steps = add(steps, cast(on, 'int32'));
    }
    return { x: unpack(at), steps };
  };
  return rootOf(who, step, search, rest, (a, b) => sub(a, b))();
}
