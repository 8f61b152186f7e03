import { count, flag, listOf, type Check } from '../core/check.js';
import { checkOptions } from '../core/options.js';
import { isList } from '../core/plain.js';
import type { Tensor } from '../core/tensor.js';
import { copyArguments, copyTree, flatten } from '../core/tree.js';
import { kindOf } from '../core/words.js';
import { stack } from '../ops/index.js';
import { checkpointOf } from '../transforms/checkpoint.js';
import { checkFunction } from '../transforms/differentiate.js';
import { alike } from './alike.js';
import { checkTensorsOnly, unstack } from './unstack.js';

/** How `scan` goes, and what it keeps. */
export interface ScanOptions {
  /**
   * Keeps for the backward pass only what the carry is at the start of each segment, and runs the
   * steps once more there. A number is the length of a segment; true stands for the square root of
   * the number of steps. False by default.
   */
  readonly checkpoint?: boolean | number;
  /** Goes from the last slice to the first; false by default. */
  readonly reverse?: boolean;
  /** The number of steps, where xs has no tensors. */
  readonly length?: number;
}

/** A tree as a step may give it: of tensors of any dtype where it got some. */
export type Stepped<T> = T extends Tensor
  ? Tensor
  : T extends string | number | boolean | bigint | symbol | null | undefined | ((...args: never[]) => unknown)
    ? T
    : { readonly [K in keyof T]: Stepped<T[K]> };

const aSegment: Check<boolean | number> = (who, name, value) =>
  typeof value === 'number' ? count(who, `${name} as the length of a segment`, value) : flag(who, name, value);

/** Checks of the options of `scan`. */
const checks = { checkpoint: aSegment, reverse: flag, length: count };

/**
 * Steps [carry, y] = step(carry, x) along the first axis of xs: the last carry, and the y of all
 * steps stacked, each in the place of its x. Carry, xs and y are trees; the carry keeps its
 * structure, shapes and dtypes. xs may be null, with the option `length`. `step` is pure. It may
 * capture tensors, and derivatives of any order reach these too. Throws a RangeError where there is
 * no step to make.
 * @param step gets the carry and a slice of xs
 * @param carry what the first step gets
 * @param xs tensors of one length, which is the number of steps
 * @example
 * // Running sums, and their total.
 * const sums = (x: Tensor) => scan((s, v: Tensor) => [add(s, v), add(s, v)], tensor(0), x);
 * sums(tensor([1, 2, 3])); // [ float32[] on cpu 6, float32[3] on cpu [1, 3, 6] ]
 * grad((x) => sums(x)[0])(tensor([1, 2, 3])); // float32[3] on cpu [1, 1, 1]
 */
export function scan<C = Tensor, X = Tensor, Y = Tensor>(
  step: (carry: C, x: X) => readonly [carry: Stepped<NoInfer<C>>, y: Y],
  carry: C,
  xs: X,
  options: ScanOptions = {},
): [carry: C, ys: Y] {
  const who = 'scan';
  checkFunction(who, step);
  const { checkpoint = false, reverse = false, length } = checkOptions(who, options, checks);
  const slices = unstack(who, xs, length);
  if (reverse) slices.reverse();
  const { run, gather } = stepsOf(who, step, copyTree(who, carry));
  const n = slices.length;
  const segment = checkpoint === false ? n : checkpoint === true ? Math.ceil(Math.sqrt(n)) : Math.min(n, checkpoint);
  let at = copyTree(who, carry);
  const all: Tensor[][] = [];
  for (let from = 0; from < n; from += segment) {
    const part = checkpoint === false ? run : checkpointOf(who, run);
    const [next, ys] = part(at, slices.slice(from, from + segment));
    at = next;
    all.push(...ys);
  }
  return [at, gather(reverse ? all.reverse() : all)];
}

/** Runs steps one after another, and puts what they gave together. */
function stepsOf<C, X, Y>(who: string, step: (carry: C, x: X) => readonly [Stepped<C>, Y], first: C) {
  const { rebuild } = flatten(who, first);
  let outputs: { readonly like: Y; readonly rebuild: (leaves: readonly Tensor[]) => Y } | undefined;
  const leavesOfY = (y: Y): Tensor[] => {
    if (outputs) return alike(who, 'step to return one kind of y at all steps', outputs.like, y);
    checkTensorsOnly(who, 'step to return a y of tensors', y);
    const taken = flatten(who, y);
    outputs = { like: copyTree(who, y), rebuild: taken.rebuild };
    return taken.leaves;
  };
  const run = (carry: C, xs: X[]): [C, Tensor[][]] => {
    const ys: Tensor[][] = [];
    for (const x of xs) {
      const [next, y] = pairOf(who, step(copyArguments(who, carry), copyArguments(who, x)));
      carry = rebuild(alike(who, 'step to return a carry like the one that it got', first, next));
      ys.push(leavesOfY(y as Y));
    }
    return [carry, ys];
  };
  const gather = (ys: readonly Tensor[][]): Y =>
    outputs!.rebuild(ys[0]!.map((_, k) => stack(ys.map((leaves) => leaves[k]!))));
  return { run, gather };
}

/** [carry, y] as a step returned it. */
export function pairOf(who: string, result: unknown): readonly [carry: unknown, y: unknown] {
  const pair = isList(result) ? listOf(who, 'what step returns', result, (part) => part) : [];
  if (pair.length !== 2)
    throw new TypeError(
      `${who}: expected step to return [carry, y], got ${isList(result) ? `a list of ${pair.length}` : kindOf(result)}`,
    );
  return [pair[0], pair[1]];
}
