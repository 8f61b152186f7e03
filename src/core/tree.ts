import { isFloat, kindOf } from './dtype.js';
import { Tensor } from './tensor.js';

/**
 * A tree is a nest of arrays and plain objects with tensors at its leaves. Anything else at a leaf passes through
 * untouched, and absent leaves stay absent. The types below take any `T`, so a user's `interface` needs no index signature.
 */

/** The type of a gradient with respect to a `T`: tensors where `T` has tensors, undefined at other leaves. */
export type Gradient<T> = T extends Tensor
  ? Tensor
  : T extends string | number | boolean | bigint | symbol | null | undefined | ((...args: never[]) => unknown)
    ? undefined
    : { [K in keyof T]: Gradient<T[K]> };

type Branch = Record<string, unknown> | readonly unknown[];

/** True for arrays and plain objects; class instances and all else are leaves. */
export function isBranch(x: unknown): x is Branch {
  if (typeof x !== 'object' || x === null) return false;
  if (Array.isArray(x)) return true;
  const proto: unknown = Object.getPrototypeOf(x);
  return proto === null || proto === Object.prototype;
}

function mapBranch(x: Branch, f: (child: unknown, key: string) => unknown): Branch {
  if (Array.isArray(x)) return x.map((child, i) => f(child, String(i)));
  const mapped: Record<string, unknown> = {};
  for (const [key, child] of Object.entries(x)) {
    const value = f(child, key);
    if (key === '__proto__')
      Object.defineProperty(mapped, key, { value, enumerable: true, configurable: true, writable: true }); // prettier-ignore
    else mapped[key] = value;
  }
  return mapped;
}

/** The tensors of a tree, depth first in the order of its keys. */
export function leaves(tree: unknown): Tensor[] {
  const found: Tensor[] = [];
  const walk = (x: unknown): void => {
    if (x instanceof Tensor) found.push(x);
    else if (isBranch(x)) for (const child of Object.values(x)) walk(child);
  };
  walk(tree);
  return found;
}

/** Number of elements in all tensors of a tree. */
export const treeSize = (tree: unknown): number => leaves(tree).reduce((n, x) => n + x.size, 0);

/**
 * `f` applied leaf by leaf to trees of one structure: where the first has a tensor the others must have one, or nothing
 * (then `f` gets undefined). Other leaves come from the first tree.
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
  const walk = (path: string, x: unknown, ys: readonly unknown[]): unknown => {
    if (x instanceof Tensor) {
      for (const y of ys)
        if (y !== undefined && !(y instanceof Tensor))
          throw new TypeError(
            `${who}: expected trees of one structure, got a tensor and ${kindOf(y)} at ${path || 'the root'}`,
          );
      return f(x, ...(ys as Tensor[]));
    }
    if (!isBranch(x)) return rest(x);
    for (const y of ys)
      if (y !== undefined && (!isBranch(y) || Array.isArray(x) !== Array.isArray(y)))
        throw new TypeError(
          `${who}: expected trees of one structure, got ${kindOf(x)} and ${kindOf(y)} at ${path || 'the root'}`,
        );
    return mapBranch(x, (child, key) =>
      walk(
        `${path}.${key}`,
        child,
        ys.map((y) => (y as Record<string, unknown> | undefined)?.[key]),
      ),
    );
  };
  return walk('', first, others);
}

/**
 * Checks that `other` has float tensors only where `first` has tensors: `mapLeaves` walks the first tree and would pass over a misspelled leaf.
 * Integers carry no derivatives, so they may stand where a gradient has nothing.
 */
export function checkWithin(who: string, first: unknown, other: unknown): void {
  const walk = (path: string, x: unknown, y: unknown): void => {
    if (y instanceof Tensor) {
      if (!(x instanceof Tensor) && isFloat(y.dtype))
        throw new TypeError(
          `${who}: expected trees of one structure, got ${kindOf(x)} and a tensor at ${path || 'the root'}`,
        );
    } else if (isBranch(y))
      for (const [key, child] of Object.entries(y))
        walk(`${path}.${key}`, isBranch(x) ? (x as Record<string, unknown>)[key] : undefined, child);
  };
  walk('', first, other);
}

/** A tree taken apart by `flattenTree`. */
export interface FlatTree<T> {
  /** The tensors, depth first. */
  readonly leaves: Tensor[];
  /** A like tree of other tensors; throws a RangeError unless there are as many. */
  readonly rebuild: (leaves: readonly Tensor[]) => T;
}

/** A tree's tensors in a list, and the way back: a like tree from a list of the same length. */
export function flattenTree<T>(tree: T): FlatTree<T> {
  const list = leaves(tree);
  return {
    leaves: list,
    rebuild: (fresh) => {
      if (fresh.length !== list.length)
        throw new RangeError(`flattenTree: expected ${list.length} leaves to rebuild the tree, got ${fresh.length}`);
      let i = 0;
      return mapTree(() => fresh[i++]!, tree);
    },
  };
}

/** The path of each tensor of a tree, in the order of `leaves`: `.conv.weight`, or `` for a bare tensor. */
export function leafPaths(tree: unknown): string[] {
  const paths: string[] = [];
  const walk = (x: unknown, path: string): void => {
    if (x instanceof Tensor) paths.push(path);
    else if (isBranch(x)) for (const [key, child] of Object.entries(x)) walk(child, `${path}.${key}`);
  };
  walk(tree, '');
  return paths;
}
