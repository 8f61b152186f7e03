import { isFloat } from '../core/dtype.js';
import { checkAlike } from '../core/op.js';
import { sameShape } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { checkWithin, copyTree, leavesOf, mapFor, mapLeaves, type Gradient } from '../core/tree.js';
import { kindOf, show } from '../core/words.js';
import { concat, reshape, slice, zerosLike } from '../ops/index.js';

/** The float tensors of a tree as one vector, and back. */
export interface Vectors<T> {
  /** The vector of a tree like the first. Absent parts count as zeros. */
  readonly pack: (tree: T | Gradient<T>) => Tensor;
  /** The tree of a vector. Leaves that are no float tensors come from the first tree. */
  readonly unpack: (vector: Tensor) => T;
  /** A function of trees as a function of vectors. */
  readonly lift: (f: (x: T) => T | Gradient<T>) => (v: Tensor) => Tensor;
}

/**
 * Takes the float tensors of `tree`, of one dtype and device, for one vector: solvers need no more.
 * `what` names, in errors, the trees that are packed.
 */
export function vectorsOf<T>(who: string, name: string, what: string, given: T): Vectors<T> {
  const tree = copyTree(who, given);
  const all = leavesOf(who, tree);
  const floats = all.filter((x) => isFloat(x.dtype));
  if (floats.length === 0)
    throw new TypeError(
      `${who}: expected ${name} with at least one tensor of floats, got ${all[0]?.dtype ?? kindOf(given)}`,
    );
  checkAlike(who, floats);

  const pack = (other: T | Gradient<T>): Tensor => {
    const parts: Tensor[] = [];
    mapLeaves(
      who,
      (x, y?: Tensor) => {
        if (!isFloat(x.dtype)) return;
        if (y && (!sameShape(x.shape, y.shape) || x.dtype !== y.dtype))
          throw new RangeError(
            `${who}: expected ${what} like ${name}, with ${x.dtype} ${show(x.shape)}, got ${y.dtype} ${show(y.shape)}`,
          );
        parts.push(reshape(y ?? zerosLike(x), [x.size]));
      },
      () => undefined,
      tree,
      other,
    );
    checkWithin(who, tree, other);
    return parts.length === 1 ? parts[0]! : concat(parts);
  };
  const unpack = (vector: Tensor): T => {
    let at = 0;
    return mapFor(who)((x) => {
      if (!isFloat(x.dtype)) return x;
      const part = floats.length === 1 ? vector : slice(vector, [at], [x.size]);
      at += x.size;
      return reshape(part, x.shape);
    }, tree);
  };
  return { pack, unpack, lift: (f) => (v) => pack(f(unpack(v))) };
}
