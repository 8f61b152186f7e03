import { aFunction, flag, listOf } from '../core/check.js';
import { isFloat } from '../core/dtype.js';
import { checkAlike, checkFloat } from '../core/op.js';
import { broadcastsTo } from '../core/shape.js';
import { cut, kindOf, show } from '../core/words.js';
import { checkReadable, Tensor } from '../core/tensor.js';
import { childrenOf, isBranch, leafPaths, leavesOf, mapLeaves } from '../core/tree.js';
import { add, cast, checkKey, div, equal, mul, notEqual, onesLike, splitKey, sum, where } from '../ops/index.js';
import type { Gate } from './gates.js';
import { layerMethods, type InitOptions } from './layer.js';

/**
 * A tree of masks for parameters `P`. Leaves and whole branches may be absent. Parameters without a
 * mask stay as they are.
 */
export type Masks<P> = P extends Tensor
  ? Tensor | undefined
  : P extends object
    ? { readonly [K in keyof P]?: Masks<P[K]> }
    : undefined;

/** One mask tree, or a list of them whose gates all multiply. */
export type MaskArgument<P> = Masks<P> | undefined | readonly (Masks<P> | undefined)[];

interface Maskable<P, R extends unknown[], Y> {
  init(key: Tensor, options?: InitOptions): P;
  apply(params: P, x: Tensor, ...rest: R): Y;
}

/** A layer that takes masks between its parameters and its input. */
export interface Masked<P, R extends unknown[], Y> {
  /** Fresh parameters, without masks: see `initMasks`. */
  init(key: Tensor, options?: InitOptions): P;
  /**
   * The layer's output with its parameters multiplied by the gated masks; throws as `applyMasks`
   * does.
   */
  apply(params: P, masks: MaskArgument<P>, x: Tensor, ...rest: R): Y;
}

/**
 * `layer` with every parameter multiplied by its gated masks: g(m1) g(m2) w. Masks are an ordinary
 * argument, one tree or a list of trees, so one `grad` reaches weights and masks alike; the joint
 * mask of Bi-RPT is a list of two. A layer's `initState` stays.
 */
export function masked<P, R extends unknown[], Y, L extends Maskable<P, R, Y>>(
  layer: L & Maskable<P, R, Y>,
  gate: Gate,
): Omit<L, 'apply'> & Masked<P, R, Y> {
  const methods: Maskable<P, R, Y> = layerMethods('masked', 'a layer', layer);
  if (typeof gate !== 'function') throw new TypeError(`masked: expected a gate, got ${kindOf(gate)}`);
  return {
    ...layer,
    ...methods,
    apply: (params: P, masks: MaskArgument<P>, x: Tensor, ...rest: R): Y =>
      methods.apply(maskAll('masked', params, masks, gate), x, ...rest),
  };
}

/**
 * Masks of 1 for the parameters that `where` picks: all by default. The other parameters have no
 * mask.
 */
export function initMasks<P>(params: P, where: (parameter: Tensor) => boolean = () => true): Masks<P> {
  aFunction('initMasks', 'where', where);
  return mapLeaves(
    'initMasks',
    (w) => (flag('initMasks', 'what where gives', where(w)) ? onesLike(w) : undefined),
    () => undefined,
    params,
  ) as Masks<P>;
}

/**
 * Parameters multiplied by their gated masks; throws where the masks fit neither as a tree nor as a
 * list of them, or fit as both. A key is split into one for each mask: random gates need it, which
 * `masked` does not have.
 */
export const applyMasks = <P>(params: P, masks: MaskArgument<P>, gate: Gate, key?: Tensor): P =>
  maskAll('applyMasks', params, masks, gate, key);

function maskAll<P>(who: string, params: P, masks: MaskArgument<P>, gate: Gate, key?: Tensor): P {
  if (typeof gate !== 'function') throw new TypeError(`${who}: expected a gate, got ${kindOf(gate)}`);
  const trees = maskTrees(who, params, masks);
  const count = leavesOf(who, trees).length;
  const keys = key && splitKey(checkKey(who, key), Math.max(1, count));
  let used = 0;
  return mapLeaves(
    who,
    (w, ...ms: (Tensor | undefined)[]) =>
      ms.reduce<Tensor>((out, m) => (m ? mul(out, gated(who, w, m, gate, keys?.[used++])) : out), w),
    (x) => x,
    params,
    ...trees,
  ) as P;
}

/**
 * The factor of one parameter: its gated mask, a tensor that broadcasts to the parameter or a
 * number.
 */
function gated(who: string, w: Tensor, m: Tensor, gate: Gate, key: Tensor | undefined): Tensor | number {
  const checkFits = (what: string, x: Tensor): void => {
    if (!broadcastsTo(x.shape, w.shape))
      throw new RangeError(
        `${who}: expected ${what} that broadcasts to its parameter ${show(w.shape)}, got ${show(x.shape)}`,
      );
  };
  checkFits('a mask', m);
  const g: unknown = gate(m, key);
  if (typeof g === 'number') return g;
  checkAlike(who, [w, checkFloat(who, g)]);
  checkFits('a gated mask', g as Tensor);
  return g as Tensor;
}

/** The mask trees that an argument holds: itself, or those of a list. */
function maskTrees(who: string, params: unknown, masks: unknown): readonly unknown[] {
  const paths = (tree: unknown): string => cut(leafPaths(who, tree).join(' '), 200) || 'no place';
  const single = fits(who, params, masks);
  const list = Array.isArray(masks) ? listOf(who, 'masks', masks, (m): unknown => m) : [];
  const several = Array.isArray(masks) && list.every((m) => fits(who, params, m));
  if (!single && !several)
    throw new TypeError(
      `${who}: expected one mask tree, or a list of them, with masks only where the parameters have tensors (${paths(params)}), got ${masks === null || typeof masks !== 'object' || masks instanceof Tensor ? kindOf(masks) : `masks at ${paths(masks)}`}`,
    );
  if (single && several && leavesOf(who, masks).length > 0)
    throw new TypeError(
      `${who}: expected masks that read either as one tree or as a list of them, got masks at ${paths(masks)}, which read as both; give a list of trees with all entries`,
    );
  return single ? [masks] : list;
}

/** Whether a mask tree has tensors only where the parameters do. */
function fits(who: string, params: unknown, masks: unknown, depth = 0): boolean {
  if (masks === undefined) return true;
  if (params instanceof Tensor && masks instanceof Tensor) return true;
  if (!isBranch(params) || !isBranch(masks) || Array.isArray(params) !== Array.isArray(masks)) return false;
  return childrenOf(who, masks, depth).every(
    ([key, m]) =>
      m === undefined ||
      (Object.hasOwn(params, key) && fits(who, (params as Record<string, unknown>)[key], m, depth + 1)),
  );
}

/** The fraction of all masks that are not 0, as a scalar tensor; NaN if any mask is. */
export function density(masks: unknown): Tensor {
  const all = leavesOf('density', masks);
  const [first] = all;
  for (const m of all) checkReadable('density', m);
  if (!first) throw new TypeError('density: expected a tree with at least one mask');
  const { dtype } = kept(first);
  return div(
    all.map((m) => cast(kept(m), dtype)).reduce((x, y) => add(x, y)),
    all.reduce((n, m) => n + m.size, 0),
  );
}

/** The fraction of masks that are not 0, leaf by leaf, as scalar tensors; NaN where any is. */
export const layerDensity = <M>(masks: M): M =>
  mapLeaves(
    'layerDensity',
    (m) => div(kept(m), m.size),
    (leaf) => leaf,
    masks,
  ) as M;

/** How many elements of a mask are not 0; NaN if any is. */
function kept(mask: Tensor): Tensor {
  const m = isFloat(mask.dtype) ? mask : cast(mask, 'float32');
  return sum(where(equal(m, m), notEqual(m, 0), NaN));
}
