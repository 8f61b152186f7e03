import { beneathAll } from '../core/graph.js';
import type { Backend, Tensor } from '../core/tensor.js';
import { copyArguments, copyTree, flatten, leavesOf, mapLeaves } from '../core/tree.js';
import { kindOf } from '../core/words.js';
import { equal, reshape, stopGradient, where } from '../ops/index.js';
import { checkFunction } from '../transforms/differentiate.js';
import { alike } from './alike.js';
import { checkCondition, glance } from './glance.js';
import { loop, type Step } from './loop.js';
import { hasNumbers, withoutNumbers } from './numbers.js';
import { traceBody, type Inside } from './body.js';
import { loopDevice } from './traced-scan.js';

/**
 * whenTrue(...args) where the condition is not 0, else whenFalse(...args): trees of one structure.
 * Only one of them runs, in a plan of `cpu` and in its derivatives too; there, what the functions
 * work on has to be among `args`. Where examples of a `vmap` differ in the condition, and inside
 * `compile` for other devices, both run, and `where` chooses; then a side that is not taken must
 * not give NaN or infinities to its derivatives.
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
  const run = (side: (...given: A) => Y, given = args): Y => checked(side(...copyArguments(who, given)));
  if (typeof condition === 'number' || typeof condition === 'boolean')
    return run(Number(condition) !== 0 ? whenTrue : whenFalse);
  const on = checkCondition(who, 'the condition to be', condition);
  const seen = glance(on);
  if (seen && !seen.differs) return run(seen.any ? whenTrue : whenFalse);
  // In a trial of a side it chooses by `where`, so that it tries no side of its own.
  const device = seen || trialOf(on)?.on ? undefined : loopDevice([on]);
  if (device) {
    const within =
      (side: (...given: A) => Y) =>
      ({ capture }: Inside): Y =>
        run(side, mapLeaves(who, capture, (leaf) => leaf, args) as A);
    return inTrace(on, within(whenTrue), within(whenFalse), device);
  }
  const [one, other] = [run(whenTrue), run(whenFalse)];
  const { leaves, rebuild } = flatten(who, withoutNumbers(who, one, other));
  const others = othersOf(rebuild(leaves), other);
  return rebuild(leaves.map((x, i) => where(on, x, others[i]!)));
}

/** The tensors of the second side, in a tree like that of the first, with its numbers. */
const othersOf = (first: unknown, second: unknown): Tensor[] =>
  alike('cond', 'both sides to return trees of one kind', first, withoutNumbers('cond', second, first));

/**
 * Two loops of one step at most: the first makes the results where the condition holds, the second
 * replaces them where it does not. A number that the first side returns stays one where the second
 * returns it too: then that side is tried first.
 */
function inTrace<Y>(on: Tensor, whenTrue: (inside: Inside) => Y, whenFalse: (inside: Inside) => Y, device: Backend): Y {
  const once = (guard: Tensor) => ({ who: 'cond', device, length: 1, reverse: false, guard: stopGradient(guard) });
  let first: Y;
  let second: Y | undefined;
  const one: Step = (inside) => {
    const made = whenTrue(inside);
    if (hasNumbers('cond', made)) second ??= tried(whenFalse, on, device);
    first = withoutNumbers('cond', made, second);
    return { carry: [], ys: leavesOf('cond', first), totals: [] };
  };
  const other: Step = (inside) => ({ carry: othersOf(first, whenFalse(inside)), ys: [], totals: [] });
  const made = loop(one, [], [], once(on)).ys.map((y) => reshape(y, y.shape.slice(1)));
  return flatten('cond', first!).rebuild(loop(other, made, [], once(equal(on, 0))).carry);
}

/** What a side returns, by a trace that is not used. */
function tried<Y>(side: (inside: Inside) => Y, on: Tensor, device: Backend): Y {
  const outer = trialOf(on)!;
  const before = outer.on;
  outer.on = true;
  try {
    const { parts } = traceBody(device, 'cond', (inside) => {
      trialOf(inside.capture(on))!.on = true;
      return { inputs: [], outputs: [], parts: side(inside) };
    });
    return parts;
  } finally {
    outer.on = before;
  }
}

/** Whether a side of a cond is only tried in the trace that a condition is of. */
const trialOf = (on: Tensor): { on: boolean } | undefined => beneathAll(on).device.trial;

/** What a side returned, in arrays and objects of its own. */
function checked<Y>(y: Y): Y {
  if (y instanceof Promise) throw new TypeError(`cond: expected functions that return tensors, got ${kindOf(y)}`);
  return copyTree('cond', y);
}
