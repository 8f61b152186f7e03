import { listOf } from '../core/check.js';
import { isTensorLeaf } from '../core/number-argument.js';
import { Tensor } from '../core/tensor.js';
import { sameShape } from '../core/shape.js';
import { childrenOf, isBranch, leafPaths, leavesOf, mapLeaves } from '../core/tree.js';
import { cut, kindOf, show } from '../core/words.js';
import { abs, notEqual, stopGradient, where } from '../ops/index.js';

/** The mask trees that an argument holds: itself, or those of a list. */
export function maskTrees(who: string, params: unknown, masks: unknown): readonly unknown[] {
  const paths = (tree: unknown): string => cut(leafPaths(who, tree).join(' '), 200) || 'no place';
  const isTree = fits(who, params, masks);
  const list = Array.isArray(masks) ? listOf(who, 'masks', masks, (m): unknown => m) : undefined;
  const isList = list?.every((m) => fits(who, params, m)) ?? false;
  if (isTree && isList && leavesOf(who, masks).length > 0)
    throw new TypeError(
      `${who}: expected masks that read either as one tree or as a list of them, got masks at ${paths(masks)}, which read as both; give a list of trees with all entries`,
    );
  if (isTree) return [masks];
  if (list && isList) return list;
  const isLeaf = masks === null || typeof masks !== 'object' || masks instanceof Tensor;
  throw new TypeError(
    `${who}: expected one mask tree, or a list of them, with masks only where the parameters have tensors (${paths(params)}), got ${isLeaf ? kindOf(masks) : `masks at ${paths(masks)}`}`,
  );
}

/** Whether a mask tree has tensors only where the parameters do. */
function fits(who: string, params: unknown, masks: unknown, depth = 0): boolean {
  if (masks === undefined) return true;
  if (isTensorLeaf(params) && isTensorLeaf(masks)) return true;
  if (!isBranch(params) || !isBranch(masks) || Array.isArray(params) !== Array.isArray(masks)) return false;
  return childrenOf(who, masks, depth).every(
    ([key, m]) =>
      m === undefined ||
      (Object.hasOwn(params, key) && fits(who, (params as Record<string, unknown>)[key], m, depth + 1)),
  );
}

/**
 * The magnitude |w| of each masked parameter, without history. It is -1 where the mask is 0: such a
 * weight is pruned already, and is below every other one.
 */
export const magnitudesOf = (who: string, params: unknown, masks: unknown): unknown =>
  mapLeaves(
    who,
    (m, w?: Tensor) => {
      if (!w)
        throw new TypeError(
          `${who}: expected masks only where the parameters have tensors, got one where they have none`,
        );
      if (!sameShape(m.shape, w.shape))
        throw new RangeError(
          `${who}: expected a mask of the shape of its parameter ${show(w.shape)}, got ${show(m.shape)}`,
        );
      return stopGradient(where(notEqual(m, 0), abs(w), -1));
    },
    () => undefined,
    masks,
    params,
  );
