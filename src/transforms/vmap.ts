import { flag, whole } from '../core/check.js';
import { checkOptions } from '../core/options.js';
import { checkAxis } from '../core/shape.js';
import { isTensorLeaf } from '../core/number-argument.js';
import type { Tensor } from '../core/tensor.js';
import { childrenOf, copyArguments, isBranch, leavesOf, mapLeaves } from '../core/tree.js';
import { kindOf, show } from '../core/words.js';
import { deviceOf } from '../core/op.js';
import { release } from '../core/history.js';
import { transpose } from '../ops/index.js';
import { checkFunction } from './differentiate.js';
import { examplesOf, type Examples } from './examples.js';

/**
 * Which axis of the tensors has the examples: a number, or null where all examples share them. A
 * tree says it for each part of a tree of tensors.
 */
export type BatchAxes = number | null | readonly BatchAxes[] | { readonly [key: string]: BatchAxes };

/** Where the examples lie. */
export interface VmapOptions {
  /** For all arguments, or a list with an entry for each; 0 by default. */
  readonly in?: BatchAxes;
  /** Where the results have them; 0 by default. */
  readonly out?: number | readonly number[] | { readonly [key: string]: number };
  /** The number of examples. It is needed where no argument has a batch axis. */
  readonly size?: number;
  /** Refuses ops that can only be run example by example; false by default. */
  readonly strict?: boolean;
}

/** A function of a batch. */
export interface Vmapped<A extends readonly unknown[], Y> {
  (...args: A): Y;
  /** How often each op of the last call ran example by example, for want of a rule. */
  readonly slices: Readonly<Record<string, number>>;
}

/**
 * `f`, a function of one example, on a batch: its tensors have one more axis, in arguments and
 * results. It equals a stack of calls, in one pass. It composes with every transform, with itself,
 * and with `compile`. Tensors that `f` captures are shared by all examples. Throws a RangeError
 * where arguments have different numbers of examples.
 * @example
 * vmap((x, y) => dot(x, y))(ones([3, 2]), ones([3, 2])); // float32[3] on cpu [2, 2, 2]
 */
export function vmap<A extends unknown[] = Tensor[], Y = Tensor>(
  f: (...args: A) => Y,
  options: VmapOptions = {},
): Vmapped<A, Y> {
  checkFunction('vmap', f);
  const {
    in: inAxes = 0,
    out = 0,
    size: given,
    strict = false,
  } = checkOptions('vmap', options, { in: axesThat(true), out: axesThat(false), size: whole, strict: flag });
  let slices: Readonly<Record<string, number>> = {};
  const mapped = (...args: A): Y => {
    const tensors = leavesOf('vmap', args);
    const axes = axesOf('in', args, inAxes);
    const size = sizeOfBatch(tensors, axes, given);
    const examples = examplesOf(size, deviceOf(tensors), strict);
    const results = inside(f, args, axes, examples);
    slices = examples.slices;
    return outside(results, out, examples) as Y;
  };
  return Object.defineProperties(mapped, { slices: { get: () => slices } }) as Vmapped<A, Y>;
}

/** What f gives for examples of the arguments. */
function inside(f: (...args: never[]) => unknown, args: unknown, axes: readonly (number | null)[], to: Examples) {
  let i = 0;
  const own = mapLeaves(
    'vmap',
    (x) => {
      const axis = axes[i++] ?? null;
      return axis === null ? to.share(x) : to.enter(movedAxis(x, axis, 0));
    },
    (leaf) => leaf,
    args,
  );
  try {
    return f(...(copyArguments('vmap', own) as never[]));
  } finally {
    to.close();
  }
}

/** Results with their examples where `out` says. */
function outside(results: unknown, out: BatchAxes, { leave }: Examples): unknown {
  const axes = axesOf('out', results, out, 1);
  let i = 0;
  return mapLeaves(
    'vmap',
    (y) => release(movedAxis(leave(y), 0, axes[i++]!)),
    (leaf) => {
      if (leaf instanceof Promise) throw new TypeError(`vmap: expected f to return tensors, got ${kindOf(leaf)}`);
      return leaf;
    },
    results,
  );
}

function sizeOfBatch(tensors: readonly Tensor[], axes: readonly (number | null)[], given: number | undefined): number {
  const sizes = tensors.flatMap(({ shape }, i) => (axes[i] === null ? [] : [shape[axes[i]!]!]));
  const size = given ?? sizes[0];
  if (size === undefined)
    throw new TypeError('vmap: expected an argument with a batch axis, or the option size, got neither');
  const other = sizes.find((n) => n !== size);
  if (other !== undefined)
    throw new RangeError(`vmap: expected one number of examples in all arguments, got ${size} and ${other}`);
  return size;
}

/** The axis of each tensor of a tree, in the order of `leaves`; null where it has none. */
function axesOf(name: string, tree: unknown, axes: BatchAxes, more = 0): (number | null)[] {
  const list: (number | null)[] = [];
  const unlike = (at: unknown): never => {
    throw new TypeError(`vmap: expected ${name} like the tree that it is for, got ${show(at)}`);
  };
  const walk = (x: unknown, at: BatchAxes | undefined, above: BatchAxes, depth: number): void => {
    if (isTensorLeaf(x)) {
      if (at === undefined) unlike(above);
      else list.push(at === null ? null : axisOf(name, at, x.shape.length + more));
    } else if (isBranch(x)) {
      const nested = isBranch(at);
      if (nested && (Array.isArray(x) !== Array.isArray(at) || Object.keys(at).some((key) => !Object.hasOwn(x, key))))
        unlike(at);
      const of = (key: string) =>
        Object.hasOwn(at as object, key) ? (at as Record<string, BatchAxes>)[key] : undefined;
      for (const [key, child] of childrenOf('vmap', x, depth))
        walk(child, nested ? of(key) : at, at ?? above, depth + 1);
    }
  };
  walk(tree, axes, axes, 0);
  return list;
}

/** A checked axis of a tensor of some rank. */
function axisOf(name: string, at: Exclude<BatchAxes, null>, rank: number): number {
  if (typeof at !== 'number')
    throw new TypeError(`vmap: expected ${name} with an axis for each tensor, got ${kindOf(at)}`);
  if (rank === 0)
    throw new RangeError('vmap: expected a tensor with a batch axis, got a scalar; say null of it in `in`');
  return checkAxis('vmap', at, rank);
}

/** x with axis `from` at the place `to`. */
function movedAxis(x: Tensor, from: number, to: number): Tensor {
  const others = x.shape.flatMap((_, i) => (i === from ? [] : [i]));
  return from === to ? x : transpose(x, [...others.slice(0, to), from, ...others.slice(to)]);
}

/** A tree of axes. */
const axesThat =
  (mayBeNull: boolean) =>
  (who: string, name: string, value: unknown): never => {
    const walk = (x: unknown, depth: number): unknown => {
      if (isBranch(x)) {
        const children = childrenOf(who, x, depth).map(([key, child]) => [key, walk(child, depth + 1)] as const);
        return Array.isArray(x) ? children.map(([, child]) => child) : Object.fromEntries(children);
      }
      if ((x === null && mayBeNull) || Number.isInteger(x)) return x;
      throw new TypeError(
        `${who}: expected ${name} as an axis${mayBeNull ? ' or null' : ''}, or a tree of these, got ${kindOf(x)}`,
      );
    };
    return walk(value, 0) as never;
  };
