import type { Tensor } from '../core/tensor.js';
import { copyArguments, copyTree, flatten } from '../core/tree.js';
import { kindOf } from '../core/words.js';
import { where } from '../ops/index.js';
import { checkFunction } from '../transforms/differentiate.js';
import { alike } from './alike.js';
import { checkCondition, glance } from './glance.js';

/**
 * whenTrue(...args) where the condition is not 0, else whenFalse(...args): trees of one structure.
 * Only one of them runs where the condition can be seen. Inside `compile`, and where examples of a
 * `vmap` differ in it, both run, and `where` chooses; then a side that is not taken must not give
 * NaN or infinities to its derivatives.
 * @param condition a scalar tensor, a number or a boolean
 * @param args what both functions get
 * @example
 * const root = (x: Tensor) => cond(greater(x, 0), (v: Tensor) => sqrt(v), (v) => neg(v), x);
 * root(tensor(4)); // float32[] on cpu 2
 * grad(root)(tensor(-4)); // float32[] on cpu -1
 */
export function cond<A extends unknown[] = Tensor[], Y = Tensor>(
  condition: Tensor | number | boolean,
  whenTrue: (...args: A) => Y,
  whenFalse: (...args: A) => Y,
  ...args: A
): Y {
  const who = 'cond';
  for (const side of [whenTrue, whenFalse]) checkFunction(who, side);
  const run = (side: (...given: A) => Y): Y => checked(side(...copyArguments(who, args)));
  if (typeof condition === 'number' || typeof condition === 'boolean')
    return run(Number(condition) !== 0 ? whenTrue : whenFalse);
  const on = checkCondition(who, 'the condition to be', condition);
  const seen = glance(on);
  if (seen && !seen.differs) return run(seen.any ? whenTrue : whenFalse);
  const { leaves, rebuild } = flatten(who, run(whenTrue));
  const others = alike(who, 'both sides to return trees of one kind', rebuild(leaves), run(whenFalse));
  return rebuild(leaves.map((x, i) => where(on, x, others[i]!)));
}

/** What a side returned, in arrays and objects of its own. */
function checked<Y>(y: Y): Y {
  if (y instanceof Promise) throw new TypeError(`cond: expected functions that return tensors, got ${kindOf(y)}`);
  return copyTree('cond', y);
}
