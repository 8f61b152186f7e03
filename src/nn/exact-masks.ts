import { count, whole } from '../core/check.js';
import { checkAlike, checkFloat } from '../core/op.js';
import { checkAxis } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { leavesOf, mapLeaves } from '../core/tree.js';
import { show } from '../core/words.js';
import { concat, like, onesLike, reshape, scatterSet, split, topK, where } from '../ops/index.js';
import { magnitudesOf } from './mask-trees.js';
import type { Masks } from './masked.js';

/** 1 for the k largest elements along an axis and 0 for the others; the first of ties. */
function largest(x: Tensor, k: number, axis: number): Tensor {
  const zeros = like(x, 0, x.shape);
  if (k === 0) return zeros;
  const { values, indices } = topK(x, k, axis);
  return scatterSet(zeros, indices, onesLike(values), axis);
}

/** Masks at chosen places, and 0 elsewhere. */
const kept = (who: string, masks: unknown, chosen: readonly Tensor[]): unknown => {
  let i = 0;
  return mapLeaves(
    who,
    (m) => where(chosen[i++]!, m, 0),
    (leaf) => leaf,
    masks,
  );
};

/** Magnitudes of all masked parameters, in the order of leaves. */
function leavesOfMagnitude(who: string, params: unknown, masks: unknown): Tensor[] {
  const all = leavesOf(who, magnitudesOf(who, params, masks));
  if (all.length === 0) throw new TypeError(`${who}: expected a tree with at least one mask`);
  checkAlike(who, [checkFloat(who, all[0]), ...all]);
  return all;
}

/**
 * Masks that keep exactly the k weights with the largest |w|, over all leaves together; of equal
 * ones the first, and NaN is the largest. Masks that are 0 stay 0, so fewer are left where fewer
 * than k were.
 * @param k how many weights stay; at most as many as there are
 * @example
 * topKMasks({ w: tensor([3, -1, 2, 0.5]) }, { w: ones([4]) }, 3);
 * // { w: float32[4] on cpu [1, 1, 1, 0] }
 */
export function topKMasks<P, M extends Masks<P>>(params: P, masks: M, k: number): M {
  const all = leavesOfMagnitude('topKMasks', params, masks);
  const sizes = all.map(({ size }) => size);
  const total = sizes.reduce((a, b) => a + b, 0);
  if (whole('topKMasks', 'k', k) > total)
    throw new RangeError(`topKMasks: expected k of at most ${total}, the number of masked weights, got ${k}`);
  const flat = concat(all.map((w) => reshape(w, [w.size])));
  const parts = split(largest(flat, k, 0), sizes);
  return kept(
    'topKMasks',
    masks,
    parts.map((part, i) => reshape(part, all[i]!.shape)),
  ) as M;
}

/**
 * Masks of structured sparsity n:m, such as 2:4: of every m weights that follow one another along
 * an axis, the n with the largest |w| stay; of equal ones the first. Masks that are 0 stay 0.
 * @param axis along which groups lie, the last by default; its length is a multiple of m
 * @example
 * nOfMMasks({ w: tensor([3, -1, 2, 0.5]) }, { w: ones([4]) }, 1, 2);
 * // { w: float32[4] on cpu [1, 0, 1, 0] }
 */
export function nOfMMasks<P, M extends Masks<P>>(params: P, masks: M, n: number, m: number, axis = -1): M {
  const all = leavesOfMagnitude('nOfMMasks', params, masks);
  if (whole('nOfMMasks', 'n', n) > count('nOfMMasks', 'm', m))
    throw new RangeError(`nOfMMasks: expected n of at most m, ${m}, got ${n}`);
  const chosen = all.map((w) => {
    const at = checkAxis('nOfMMasks', axis, w.shape.length);
    const length = w.shape[at]!;
    if (length % m !== 0)
      throw new RangeError(
        `nOfMMasks: expected axis ${at} to have a multiple of ${m} weights, got ${length} in ${show(w.shape)}`,
      );
    const groups = reshape(w, [...w.shape.slice(0, at), length / m, m, ...w.shape.slice(at + 1)]);
    return reshape(largest(groups, n, at + 1), w.shape);
  });
  return kept('nOfMMasks', masks, chosen) as M;
}
