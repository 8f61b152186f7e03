import { kindOf, quote } from '../core/words.js';
import { reading } from '../core/reading.js';
import { checkReadable, Tensor } from '../core/tensor.js';
import { isBranch } from '../core/tree.js';
import { checkText, METADATA } from './header.js';
import { describe, MAX_DEPTH, type Json } from './json.js';

// A tree's structure is JSON in which arrays and objects stand for themselves, and so do numbers,
// booleans and null. A string leaf has `=` before it. Other strings mark what JSON has no word for:

const TENSOR = 'tensor';
const marks: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['undefined', undefined],
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
]);

/** The path of a child: the keys, with dots between them and none inside. */
const pathTo = (parent: string | null, key: string): string => {
  const escaped = key.replaceAll('%', '%25').replaceAll('.', '%2E');
  return parent === null ? escaped : `${parent}.${escaped}`;
};

const where = (path: string | null): string => (path === null ? 'the root' : quote(path));

/**
 * The name in a file of the tensor at `path`; null is the root. Different paths of one tree have
 * different names.
 */
export function nameAt(who: string, path: string | null): string {
  if (path === null) return TENSOR;
  checkText(who, 'as a tensor name', path);
  return path === METADATA ? `%5F${METADATA.slice(1)}` : path;
}

/** The structure of a tree as JSON text, and its tensors with their names. */
export function writeStructure(who: string, tree: unknown): { structure: string; tensors: [string, Tensor][] } {
  const tensors: [string, Tensor][] = [];
  const ancestors = new Set<unknown>();

  const walk = (x: unknown, path: string | null): string => {
    if (x instanceof Tensor) {
      checkReadable(who, x);
      tensors.push([nameAt(who, path), x]);
      return JSON.stringify(TENSOR);
    }
    if (typeof x === 'string') return JSON.stringify(`=${x}`);
    if (typeof x === 'number') {
      const spelling = Object.is(x, -0) ? '-0' : String(x);
      return marks.has(spelling) ? JSON.stringify(spelling) : spelling; // JSON has -0, but JSON.stringify does not write it
    }
    if (typeof x === 'boolean' || x === null) return String(x);
    if (x === undefined) return JSON.stringify('undefined');
    if (!isBranch(x))
      throw new TypeError(
        `${who}: expected tensors, arrays, plain objects, strings, numbers, booleans or null, got ${kindOf(x)} at ${where(path)}`,
      );

    if (ancestors.has(x)) throw new TypeError(`${who}: expected a tree, got a cycle at ${where(path)}`);
    if (ancestors.size === MAX_DEPTH)
      throw new RangeError(`${who}: expected a tree of at most ${MAX_DEPTH} levels, got more at ${where(path)}`);
    ancestors.add(x);
    const keys = reading(who, 'a tree', () => Object.keys(x));
    if (Array.isArray(x) && (keys.length !== x.length || keys.some((key, i) => key !== String(i))))
      throw new TypeError(`${who}: expected an array without holes or extra keys, got one with at ${where(path)}`);
    const children = keys.map((key) => {
      const child = walk(
        reading(who, 'a tree', () => (x as Record<string, unknown>)[key]),
        pathTo(path, key),
      );
      return Array.isArray(x) ? child : `${JSON.stringify(key)}:${child}`;
    });
    ancestors.delete(x);
    return Array.isArray(x) ? `[${children.join(',')}]` : `{${children.join(',')}}`;
  };

  if (!(tree instanceof Tensor || isBranch(tree)))
    throw new TypeError(`${who}: expected a tree of tensors, got ${kindOf(tree)}`);
  return { structure: walk(tree, null), tensors };
}

/** The tree of a structure, with `tensorAt(name)` where it has tensors. */
export function readStructure(who: string, structure: Json, tensorAt: (name: string) => unknown): unknown {
  const walk = (x: Json, path: string | null): unknown => {
    if (Array.isArray(x)) return x.map((child: Json, i) => walk(child, pathTo(path, String(i))));
    // Object.fromEntries defines keys of its own: __proto__ is one like any other.
    if (x instanceof Map)
      return Object.fromEntries(
        [...(x as Map<string, Json>)].map(([key, child]) => [key, walk(child, pathTo(path, key))]),
      );
    if (typeof x !== 'string') return x;
    if (x === TENSOR) return tensorAt(nameAt(who, path));
    if (x.startsWith('=')) return x.slice(1);
    if (marks.has(x)) return marks.get(x);
    throw new RangeError(
      `${who}: expected ${[TENSOR, ...marks.keys()].join(', ')} or = and a string in the structure, got ${describe(x)} at ${where(path)}`,
    );
  };
  return walk(structure, null);
}
