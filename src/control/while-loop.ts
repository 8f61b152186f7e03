import { count } from '../core/check.js';
import { checkOptions } from '../core/options.js';
import type { Tensor } from '../core/tensor.js';
import { copyArguments, copyTree, flatten, leavesOf, mapFor } from '../core/tree.js';
import { stopGradient, where } from '../ops/index.js';
import { checkFunction } from '../transforms/differentiate.js';
import { alike } from './alike.js';
import { checkCondition, glance } from './glance.js';
import { loop, type Course, type Step } from './loop.js';
import type { Stepped } from './scan.js';
import { loopDevice } from './traced-scan.js';

/** How far `whileLoop` may go. */
export interface WhileLoopOptions {
  /** Most steps. */
  readonly maxSteps: number;
}

/**
 * carry = step(carry) while condition(carry) is not 0, for at most `maxSteps` steps; the carry in
 * the end. Derivatives of any order are those of the steps that were made. Examples of a `vmap`
 * stop each for itself. Inside `compile` the plan stops too, but its derivatives take `maxSteps`
 * steps, of which those after the end change nothing.
 * @param condition gives a scalar
 * @param step gives a carry of the structure, shapes and dtypes that it got
 * @example
 * // The smallest power of two above a limit.
 * const power = (limit: number) =>
 *   whileLoop((x) => lessEqual(x, limit), (x) => mul(x, 2), tensor(1), { maxSteps: 20 });
 * power(100); // float32[] on cpu 128
 */
export function whileLoop<C = Tensor>(
  condition: (carry: C) => Tensor,
  step: (carry: C) => Stepped<NoInfer<C>>,
  carry: C,
  options: WhileLoopOptions,
): C {
  const who = 'whileLoop';
  for (const f of [condition, step]) checkFunction(who, f);
  const { maxSteps } = checkOptions(who, options, { maxSteps: { needed: count } });
  const { rebuild } = flatten(who, carry);
  const ask = (c: C): Tensor => checkCondition(who, 'condition to give', condition(copyArguments(who, c)));
  const stepped = (c: C): C =>
    rebuild(alike(who, 'step to return a carry like the one that it got', c, step(copyArguments(who, c))));
  const first = copyTree(who, carry);
  // A step after the end gets the first carry: what it makes is dropped, and so would be its
  // derivatives, but 0 times the NaN of a singular point is NaN.
  const chosen = (on: Tensor, c: C): C => {
    const safe = mapFor(who)((now, start) => where(on, now, stopGradient(start)), c, first);
    return mapFor(who)((before, after) => where(on, after, before), c, stepped(safe));
  };
  let at = first;
  for (let k = 0; k < maxSteps; k++) {
    const on = ask(at);
    const seen = glance(on);
    const device = loopDevice([on]);
    if (device) return inTrace(at, on, { who, device, length: maxSteps - k, ask, chosen });
    if (seen && !seen.any) break;
    at = seen && !seen.differs ? stepped(at) : chosen(on, at);
  }
  return at;
}

/** The steps that are left, as one loop of a program. */
function inTrace<C>(
  at: C,
  on: Tensor,
  { ask, chosen, ...course }: Omit<Course, 'reverse'> & { ask: (c: C) => Tensor; chosen: (on: Tensor, c: C) => C },
): C {
  const { leaves, rebuild } = flatten('whileLoop', at);
  const one: Step = (_, [goes, ...carry]) => {
    const next = chosen(goes!, rebuild(carry));
    const again = where(goes!, stopGradient(ask(next)), goes!);
    return { carry: [again, ...leavesOf('whileLoop', next)], ys: [], totals: [] };
  };
  const { carry } = loop(one, [stopGradient(on), ...leaves], [], { ...course, reverse: false, until: 0 });
  return rebuild(carry.slice(1));
}
