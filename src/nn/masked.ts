import { aFunction, flag } from '../core/check.js';
import { checkAlike, checkFloat } from '../core/op.js';
import { broadcastsTo } from '../core/shape.js';
import { kindOf, show } from '../core/words.js';
import type { Tensor } from '../core/tensor.js';
import { leavesOf, mapLeaves } from '../core/tree.js';
import { checkKey, mul, onesLike, splitKey } from '../ops/index.js';
import type { Gate } from './gates.js';
import { layerMethods, type InitOptions } from './layer.js';
import { maskTrees } from './mask-trees.js';

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
  /** The layer without masks. */
  readonly unmasked: Maskable<P, R, Y>;
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
 * mask of Bi-RPT is a list of two. A layer's `initState` stays. Other methods, such as `run`
 * of recurrent layers, do not: they know no masks.
 * @example
 * const layer = masked(linear(2, 1), smoothL0(0.1));
 * const params = layer.init(randomKey(0));
 * const masks = { weight: tensor([[1, 0]]) }; // the second input has no influence
 * layer.apply(params, masks, tensor([[0, 1], [0, 9]])).shape; // [ 2, 1 ]
 */
export function masked<P, R extends unknown[], Y, L extends Maskable<P, R, Y>>(
  layer: L & Maskable<P, R, Y>,
  gate: Gate,
): Pick<L, Extract<keyof L, 'initState' | 'name' | 'layers'>> & Masked<P, R, Y> {
  // Other ways to run a layer are left out: they would take parameters without their masks.
  const methods = layerMethods('masked', 'a layer', layer);
  if (typeof gate !== 'function') throw new TypeError(`masked: expected a gate, got ${kindOf(gate)}`);
  return {
    ...methods,
    unmasked: methods,
    apply: (params: P, masks: MaskArgument<P>, x: Tensor, ...rest: R): Y =>
      methods.apply(maskAll('masked', params, masks, gate), x, ...rest),
  };
}

/**
 * Masks of 1 for the parameters that `where` picks: all by default. The other parameters have no
 * mask.
 * @param where whether a parameter gets a mask
 * @example
 * const params = linear(2, 1).init(randomKey(0));
 * initMasks(params, (p) => p.shape.length > 1);
 * // { weight: float32[1,2] on cpu [[1, 1]], bias: undefined }
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
 * @example
 * applyMasks({ w: tensor([2, 4]) }, { w: tensor([0, 1]) }, smoothL0(0.5));
 * // { w: float32[2] on cpu [0, 2.66667] }
 */
export const applyMasks = <P>(params: P, masks: MaskArgument<P>, gate: Gate, key?: Tensor): P =>
  maskAll('applyMasks', params, masks, gate, key);

/** `applyMasks` that names `who` in its errors. */
export function maskAll<P>(who: string, params: P, masks: MaskArgument<P>, gate: Gate, key?: Tensor): P {
  if (typeof gate !== 'function') throw new TypeError(`${who}: expected a gate, got ${kindOf(gate)}`);
  const trees = maskTrees(who, params, masks);
  const count = Math.max(1, leavesOf(who, trees).length);
  const keys = key === undefined ? undefined : splitKey(checkKey(who, key), count).values();
  const multiplied = (w: Tensor, ...ms: (Tensor | undefined)[]): Tensor => {
    let product = w;
    for (const m of ms) if (m) product = mul(product, gated(who, w, m, gate, keys?.next().value));
    return product;
  };
  return mapLeaves(who, multiplied, (leaf) => leaf, params, ...trees) as P;
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
