import { listOf } from './check.js';
import { isFloat } from './dtype.js';
import { isNumberArgument, isTensorLeaf, kindOfLeaf } from './number-argument.js';
import { isList, isPlain } from './plain.js';
import { reading, unreadable } from './reading.js';
import { checkReadable, Tensor, type IntTensor } from './tensor.js';
import { cut, kindOf } from './words.js';

/**
 * A tree is a nest of arrays and plain objects with tensors at its leaves. Anything else at a leaf
 * passes through untouched, but for what hides a tensor, which is refused. Absent leaves stay
 * absent. The types below take any `T`, so a user's `interface` needs no index signature. Every
 * function takes the tree as it is at the call: what becomes of its arrays and objects afterwards
 * changes nothing.
 */

/**
 * The type of a gradient with respect to a `T`: tensors where `T` has tensors, undefined at other
 * leaves. The gradient of an int32 tensor is undefined; the type says so where `T` has `IntTensor`.
 */
export type Gradient<T> = T extends IntTensor
  ? undefined
  : T extends Tensor
    ? Tensor
    : T extends string | number | boolean | bigint | symbol | null | undefined | ((...args: never[]) => unknown)
      ? undefined
      : { [K in keyof T]: Gradient<T[K]> };

type Branch = Record<string, unknown> | readonly unknown[];

/**
 * Most branches above a leaf; a tree that contains itself has more, and so does nothing that anyone
 * means.
 */
export const MAX_DEPTH = 1000;

/** What is said of a tree that has too many levels or contains itself. */
export const tooDeep = (who: string): TypeError =>
  new TypeError(`${who}: expected a tree of at most ${MAX_DEPTH} levels, got a deeper one or a cycle`);

/** True for arrays and plain objects; class instances and all else are leaves. */
export const isBranch = (x: unknown): x is Branch => isList(x) || isPlain(x);

/**
 * [key, child] of each child of a branch; a TypeError naming `who` for holes, for getters that
 * throw, and for cycles.
 */
export function childrenOf(who: string, x: Branch, depth: number): [key: string, child: unknown][] {
  if (depth >= MAX_DEPTH) throw tooDeep(who);
  if (isList(x)) {
    const children = listOf(who, 'arrays in a tree', x, (child, i): [string, unknown] => [String(i), child]);
    if (reading(who, 'a tree', () => Object.keys(x).length) > children.length)
      throw new TypeError(`${who}: expected arrays without keys of other names in a tree, got one with some`);
    return children;
  }
  try {
    return Object.entries(x);
  } catch (cause) {
    throw unreadable(who, 'a tree', cause);
  }
}

/**
 * The child under a key of its own: names of Object.prototype, such as `constructor`, are keys like
 * any other.
 */
export function childAt(who: string, x: unknown, key: string): unknown {
  if (!isBranch(x)) return undefined;
  try {
    return Object.hasOwn(x, key) ? (x as Record<string, unknown>)[key] : undefined;
  } catch (cause) {
    throw unreadable(who, 'a tree', cause);
  }
}

/** A branch like x from its keys and new children. */
export const branchLike = (x: Branch, children: [key: string, child: unknown][]): Branch =>
  isList(x) ? children.map(([, child]) => child) : Object.fromEntries(children);

/** How far a leaf is searched for tensors, and through how many values. */
const SEARCH_DEPTH = 4;
const SEARCH_SIZE = 1000;

/**
 * Refuses a class instance, a Map or a Set that holds a tensor: it would be passed over without a
 * word. Private fields cannot be seen.
 */
function visible(who: string, leaf: unknown): unknown {
  if (isNumberArgument(leaf)) return leaf;
  let left = SEARCH_SIZE;
  const holds = (x: unknown, depth: number): boolean => {
    if (x instanceof Tensor) return true;
    if (typeof x !== 'object' || x === null || ArrayBuffer.isView(x) || depth === 0 || left-- <= 0) return false;
    const inside = x instanceof Map || x instanceof Set ? [...(x.values() as Iterable<unknown>)] : Object.values(x);
    return inside.some((child) => holds(child, depth - 1));
  };
  if (reading(who, 'a tree', () => holds(leaf, SEARCH_DEPTH)))
    throw new TypeError(`${who}: expected arrays and plain objects around tensors, got ${kindOf(leaf)} that holds one`);
  return leaf;
}

const named = (path: string): string => (path === '' ? 'the root' : cut(path, 200));

/** Visits the tensors of a tree with their paths, depth first in the order of its keys. */
function visit(who: string, tree: unknown, each: (x: Tensor, path: string) => void): void {
  const walk = (x: unknown, path: string, depth: number): void => {
    if (isTensorLeaf(x)) each(x, path);
    else if (isBranch(x))
      for (const [key, child] of childrenOf(who, x, depth)) walk(child, `${path}.${key}`, depth + 1);
    else visible(who, x);
  };
  walk(tree, '', 0);
}

/**
 * The tensors of a tree, depth first in the order of its keys.
 * @example
 * leaves({ w: tensor([1, 2]), more: [tensor(3)] });
 * // [ float32[2] on cpu [1, 2], float32[] on cpu 3 ]
 */
export const leaves = (tree: unknown): Tensor[] => leavesOf('leaves', tree);

/** `leaves` that names `who` in its errors. */
export function leavesOf(who: string, tree: unknown): Tensor[] {
  const found: Tensor[] = [];
  visit(who, tree, (x) => found.push(x));
  return found;
}

/**
 * The path of each tensor of a tree, in the order of `leaves`: `.conv.weight`, or `` for a bare
 * tensor.
 */
export function leafPaths(who: string, tree: unknown): string[] {
  const paths: string[] = [];
  visit(who, tree, (_, path) => paths.push(path));
  return paths;
}

/**
 * Number of elements in all tensors of a tree.
 * @example
 * treeSize({ w: zeros([3, 4]), b: zeros([4]) }); // 16
 */
export const treeSize = (tree: unknown): number => leavesOf('treeSize', tree).reduce((n, x) => n + x.size, 0);

/**
 * `f` applied leaf by leaf to trees of one structure: where the first has a tensor the others must
 * have one, or nothing (then `f` gets undefined). Other leaves come from the first tree.
 * @param f gets a leaf of `first`, and the leaves at the same place in the others
 * @param first decides the structure of the result
 * @param others trees of the same structure, or with leaves missing
 * @example
 * mapTree((w, g) => sub(w, g), { w: tensor([1, 2]) }, { w: tensor([1, 1]) });
 * // { w: float32[2] on cpu [0, 1] }
 */
export function mapTree<T>(f: (x: Tensor, ...others: Tensor[]) => Tensor, first: T, ...others: unknown[]): T {
  if (typeof f !== 'function') throw new TypeError(`mapTree: expected a function, got ${kindOf(f)}`);
  return mapLeaves('mapTree', f, (x) => x, first, ...others) as T;
}

/** `mapTree` that names `who` in its errors and gives leaves that are not tensors to `rest`. */
export function mapLeaves(
  who: string,
  f: (x: Tensor, ...others: Tensor[]) => unknown,
  rest: (leaf: unknown) => unknown,
  first: unknown,
  ...others: unknown[]
): unknown {
  const differ = (x: string, y: unknown, path: string): never => {
    throw new TypeError(`${who}: expected trees of one structure, got ${x} and ${kindOfLeaf(y)} at ${named(path)}`);
  };
  const walk = (path: string, x: unknown, ys: readonly unknown[], depth: number): unknown => {
    if (isTensorLeaf(x)) {
      for (const y of ys) if (y !== undefined && !isTensorLeaf(y)) differ('a tensor', y, path);
      for (const t of [x, ...(ys as (Tensor | undefined)[])]) if (t?.storage === null) checkReadable(who, t);
      return f(x, ...(ys as Tensor[]));
    }
    if (!isBranch(x)) return rest(visible(who, x));
    const children = childrenOf(who, x, depth);
    for (const y of ys) {
      if (y !== undefined && (!isBranch(y) || isList(x) !== isList(y))) differ(kindOf(x), y, path);
      if (isList(y)) listOf(who, 'arrays in a tree', y, (child) => child);
    }
    return branchLike(
      x,
      children.map(([key, child]) => [
        key,
        walk(
          `${path}.${key}`,
          child,
          ys.map((y) => childAt(who, y, key)),
          depth + 1,
        ),
      ]),
    );
  };
  return walk('', first, others, 0);
}

/** `mapTree` that names `who` in its errors. */
export const mapFor =
  (who: string) =>
  <T>(f: (x: Tensor, ...others: Tensor[]) => Tensor, first: T, ...others: unknown[]): T =>
    mapLeaves(who, f, (leaf) => leaf, first, ...others) as T;

/** The same tree in arrays and objects of its own, which nobody else can change. */
export const copyTree = <T>(who: string, tree: T): T => mapFor(who)((x) => x, tree);

/**
 * Arguments for a function of the caller: arrays and plain objects are copied, whatever else there
 * is passes through unseen.
 */
export function copyArguments<T>(who: string, args: T): T {
  const walk = (x: unknown, depth: number): unknown =>
    x instanceof Tensor || !isBranch(x)
      ? x
      : branchLike(
          x,
          childrenOf(who, x, depth).map(([key, child]) => [key, walk(child, depth + 1)]),
        );
  return walk(args, 0) as T;
}

/**
 * Checks that `other` has float tensors only where `first` has tensors: `mapLeaves` walks the first
 * tree and would pass over a misspelled leaf. Integers carry no derivatives, so they may stand
 * where a gradient has nothing.
 */
export function checkWithin(who: string, first: unknown, other: unknown): void {
  const walk = (path: string, x: unknown, y: unknown, depth: number): void => {
    if (isTensorLeaf(y)) {
      if (!isTensorLeaf(x) && isFloat(y.dtype))
        throw new TypeError(
          `${who}: expected trees of one structure, got ${kindOfLeaf(x)} and a tensor at ${named(path)}`,
        );
    } else if (isBranch(y))
      for (const [key, child] of childrenOf(who, y, depth))
        walk(`${path}.${key}`, childAt(who, x, key), child, depth + 1);
    else visible(who, y);
  };
  walk('', first, other, 0);
}

/** A tree taken apart by `flattenTree`. */
export interface FlatTree<T> {
  /** The tensors, depth first. */
  readonly leaves: Tensor[];
  /** A like tree of other tensors; throws a RangeError unless there are as many. */
  readonly rebuild: (leaves: readonly Tensor[]) => T;
}

/**
 * A tree's tensors in a list, and the way back: a like tree from a list of the same length.
 * @example
 * const { leaves, rebuild } = flattenTree({ w: tensor([1, 2]), b: tensor(3) });
 * leaves.length; // 2
 * rebuild(leaves.map((x) => mul(x, 2))).b; // float32[] on cpu 6
 */
export const flattenTree = <T>(tree: T): FlatTree<T> => flatten('flattenTree', tree);

/** `flattenTree` that names `who` in its errors. */
export function flatten<T>(who: string, tree: T): FlatTree<T> {
  const frame = copyTree(who, tree);
  const list = leavesOf(who, frame);
  return {
    leaves: [...list],
    rebuild: (fresh) => {
      const own = listOf(who, 'leaves', fresh, (x) => {
        if (!(x instanceof Tensor)) throw new TypeError(`${who}: expected tensors as leaves, got ${kindOf(x)}`);
        return x;
      });
      if (own.length !== list.length)
        throw new RangeError(`${who}: expected ${list.length} leaves to rebuild the tree, got ${own.length}`);
      let i = 0;
      return mapLeaves(
        who,
        () => own[i++]!,
        (x) => x,
        frame,
      ) as T;
    },
  };
}
