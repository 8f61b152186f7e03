import { count, flag, listOf, type Check } from '../core/check.js';
import { checkOptions } from '../core/options.js';
import { isList } from '../core/plain.js';
import type { Backend, Tensor } from '../core/tensor.js';
import { copyArguments, copyTree, flatten, leavesOf } from '../core/tree.js';
import { kindOf } from '../core/words.js';
import { stack } from '../ops/index.js';
import { checkpointOf } from '../transforms/checkpoint.js';
import { checkFunction } from '../transforms/differentiate.js';
import { alike } from './alike.js';
import type { Step } from './loop.js';
import { withoutNumbers } from './numbers.js';
import { loopDevice, loopInSegments } from './traced-scan.js';
import { checkTensorsOnly, lengthOf, unstack } from './unstack.js';

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
  return scanOf('scan', step, carry, xs, options);
}

/** `scan` that names `who` in its errors. */
export function scanOf<C, X, Y>(
  who: string,
  step: (carry: C, x: X) => readonly [carry: Stepped<NoInfer<C>>, y: Y],
  carry: C,
  xs: X,
  options: ScanOptions,
): [carry: C, ys: Y] {
  checkFunction(who, step);
  const { checkpoint = false, reverse = false, length: given } = checkOptions(who, options, checks);
  const { leaves, rebuild } = flatten(who, xs);
  const length = lengthOf(who, leaves, given);
  const root = Math.ceil(Math.sqrt(length));
  const course = { length, reverse, segment: checkpoint === true ? root : checkpoint };
  const steps = stepsOf(who, step, copyTree(who, carry), rebuild);
  const device = loopDevice([...leavesOf(who, carry), ...leaves]);
  return device ? inTrace(steps, leaves, { ...course, device }) : atOnce(steps, leaves, course);
}

interface Way {
  readonly length: number;
  readonly reverse: boolean;
  /** The length of a segment; false for none. */
  readonly segment: number | false;
}

/** The steps one after another. */
function atOnce<C, X, Y>(steps: Steps<C, X, Y>, xs: readonly Tensor[], { length, reverse, segment }: Way): [C, Y] {
  const { who, first, run, rebuild } = steps;
  const slices = unstack(who, xs, length).map(steps.slice);
  if (reverse) slices.reverse();
  const part = segment === false ? run : checkpointOf(who, run);
  let at = first;
  const all: Tensor[][] = [];
  for (let from = 0; from < length; from += segment || length) {
    const [next, ys] = part(at, slices.slice(from, from + (segment || length)));
    const device = traced(next, ys);
    if (device) return inTrace(steps, xs, { length, reverse, segment, device });
    at = next;
    all.push(...ys);
  }
  if (reverse) all.reverse();
  return [at, rebuild(all[0]!.map((_, k) => stack(all.map((leaves) => leaves[k]!))))];
}

/** The device of a trace that the first step gave tensors of. */
const traced = (carry: unknown, ys: readonly (readonly Tensor[])[]): Backend | undefined =>
  ys.length === 1 ? loopDevice([...leavesOf('scan', carry), ...ys[0]!]) : undefined;

/** The steps as one loop of a program. */
function inTrace<C, X, Y>(
  steps: Steps<C, X, Y>,
  xs: readonly Tensor[],
  { segment, ...course }: Way & { readonly device: Backend },
): [C, Y] {
  const { leaves, rebuild } = flatten(steps.who, steps.first);
  const one: Step = (_, carry, slices) => {
    const [next, [ys]] = steps.run(rebuild(carry), [steps.slice(slices)]);
    return { carry: leavesOf(steps.who, next), ys: ys!, totals: [] };
  };
  const { carry, ys } = loopInSegments(one, leaves, xs, {
    ...course,
    who: steps.who,
    segment: segment || course.length,
  });
  return [rebuild(carry), steps.rebuild(ys)];
}

/** The steps of a scan on trees. */
interface Steps<C, X, Y> {
  readonly who: string;
  /** What the first step gets. */
  readonly first: C;
  /** The x of a step from its tensors. */
  readonly slice: (leaves: readonly Tensor[]) => X;
  /** Steps on some slices: the next carry, and the tensors of each y. */
  readonly run: (carry: C, xs: readonly X[]) => [carry: C, ys: Tensor[][]];
  /** The result from the tensors of all y. */
  readonly rebuild: (leaves: readonly Tensor[]) => Y;
}

function stepsOf<C, X, Y>(
  who: string,
  step: (carry: C, x: X) => readonly [Stepped<C>, Y],
  first: C,
  slice: (leaves: readonly Tensor[]) => X,
): Steps<C, X, Y> {
  const { rebuild } = flatten(who, first);
  let outputs: { readonly like: Y; readonly rebuild: (leaves: readonly Tensor[]) => Y } | undefined;
  const leavesOfY = (y: Y): Tensor[] => {
    if (outputs) return alike(who, 'step to return one kind of y at all steps', outputs.like, y);
    checkTensorsOnly(who, 'step to return a y of tensors', y);
    const taken = flatten(who, y);
    outputs = { like: copyTree(who, y), rebuild: taken.rebuild };
    return taken.leaves;
  };
  const run = (carry: C, xs: readonly X[]): [C, Tensor[][]] => {
    const ys: Tensor[][] = [];
    for (const x of xs) {
      const [next, y] = pairOf(who, step(copyArguments(who, carry), copyArguments(who, x)));
      carry = rebuild(alike(who, 'step to return a carry like the one that it got', first, next));
      ys.push(leavesOfY(withoutNumbers(who, y as Y)));
      if (traced(carry, ys)) break; // the step captures what is traced: see `atOnce`
    }
    return [carry, ys];
  };
  return { who, first, slice, run, rebuild: (leaves) => outputs!.rebuild(leaves) };
}

/** [carry, y] as a step returned it. */
function pairOf(who: string, result: unknown): readonly [carry: unknown, y: unknown] {
  const pair = isList(result) ? listOf(who, 'what step returns', result, (part) => part) : [];
  if (pair.length !== 2)
    throw new TypeError(
      `${who}: expected step to return [carry, y], got ${isList(result) ? `a list of ${pair.length}` : kindOf(result)}`,
    );
  return [pair[0], pair[1]];
}
