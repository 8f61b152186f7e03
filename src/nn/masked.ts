import { isFloat, kindOf } from '../core/dtype.js';
import { show } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import { leafPaths, leaves, mapLeaves, mapTree } from '../core/tree.js';
import { add, cast, div, equal, mul, notEqual, onesLike, splitKey, sum, where } from '../ops/index.js';
import type { Gate } from './gates.js';
import type { InitOptions } from './layer.js';

/** A tree of masks for parameters `P`: leaves, and whole branches, may be absent; what they would mask stays as it is. */
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
  /** The layer's output with its parameters multiplied by the gated masks; throws as `applyMasks` does. */
  apply(params: P, masks: MaskArgument<P>, x: Tensor, ...rest: R): Y;
}

/**
 * `layer` with every parameter multiplied by its gated masks: g(m1) g(m2) w. Masks are an ordinary argument, one tree or a list of
 * trees, so one `grad` reaches weights and masks alike; the joint mask of Bi-RPT is a list of two. A layer's `initState` stays.
 */
export function masked<P, R extends unknown[], Y, L extends Maskable<P, R, Y>>(
  layer: L & Maskable<P, R, Y>,
  gate: Gate,
): Omit<L, 'apply'> & Masked<P, R, Y> {
  if (typeof layer?.apply !== 'function') throw new TypeError(`masked: expected a layer, got ${kindOf(layer)}`);
  if (typeof gate !== 'function') throw new TypeError(`masked: expected a gate, got ${kindOf(gate)}`);
  return {
    ...layer,
    apply: (params: P, masks: MaskArgument<P>, x: Tensor, ...rest: R): Y =>
      layer.apply(applyMasks(params, masks, gate), x, ...rest),
  };
}

/** Masks of one for the parameters that `where` picks, all of them by default; the others' are absent. */
export const initMasks = <P>(params: P, where: (parameter: Tensor) => boolean = () => true): Masks<P> =>
  mapLeaves(
    'initMasks',
    (w) => (where(w) ? onesLike(w) : undefined),
    () => undefined,
    params,
  ) as Masks<P>;

/**
 * Parameters multiplied by their gated masks; throws where the masks fit neither as a tree nor as a list of them, or fit as both. A key is
 * split into one for each mask: random gates need it, which `masked` does not have.
 */
export function applyMasks<P>(params: P, masks: MaskArgument<P>, gate: Gate, key?: Tensor): P {
  const single = fits(params, masks);
  const several = Array.isArray(masks) && masks.every((m) => fits(params, m));
  if (!single && !several)
    throw new TypeError(
      `masked: expected one mask tree, or a list of them, with masks only where the parameters have tensors (${paths(params)}), got ${masks === null || typeof masks !== 'object' || masks instanceof Tensor ? kindOf(masks) : `masks at ${paths(masks)}`}`,
    );
  if (single && several && leaves(masks).length > 0)
    throw new TypeError(
      `masked: expected masks that read either as one tree or as a list of them, got masks at ${paths(masks)}, which read as both; give a list of trees with all entries`,
    );
  const keys = key && splitKey(key, Math.max(1, leaves(masks).length));
  let used = 0;
  return mapLeaves(
    'masked',
    (w, ...ms: (Tensor | undefined)[]) =>
      ms.reduce<Tensor>((out, m) => {
        if (!m) return out;
        if (
          m.shape.length > w.shape.length ||
          m.shape.some((d, i) => d !== 1 && d !== w.shape[i + w.shape.length - m.shape.length])
        )
          throw new RangeError(
            `masked: expected a mask that broadcasts to its parameter ${show(w.shape)}, got ${show(m.shape)}`,
          );
        return mul(out, gate(m, keys?.[used++]));
      }, w),
    (x) => x,
    params,
    ...(single ? [masks] : (masks as readonly unknown[])),
  ) as P;
}

const paths = (tree: unknown): string => leafPaths(tree).join(' ') || 'no place';

/** Whether a mask tree has tensors only where the parameters do. */
function fits(params: unknown, masks: unknown): boolean {
  if (masks === undefined) return true;
  if (params instanceof Tensor || masks instanceof Tensor) return params instanceof Tensor && masks instanceof Tensor;
  if (typeof params !== 'object' || params === null || typeof masks !== 'object' || masks === null) return false;
  if (Array.isArray(params) !== Array.isArray(masks)) return false;
  return Object.entries(masks).every(
    ([key, m]) => m === undefined || fits((params as Record<string, unknown>)[key], m),
  );
}

/** The fraction of all masks that are not 0, as a scalar tensor; NaN if any mask is. */
export function density(masks: unknown): Tensor {
  const all = leaves(masks);
  const [first] = all;
  if (!first) throw new TypeError('density: expected a tree with at least one mask');
  return div(
    all.map(kept).reduce((x, y) => add(x, y)),
    all.reduce((n, m) => n + m.size, 0),
  );
}

/** The fraction of masks that are not 0, leaf by leaf, as scalar tensors; NaN where any is. */
export const layerDensity = <M>(masks: M): M => mapTree((m) => div(kept(m), m.size), masks);

/** How many elements of a mask are not 0; NaN if any is. */
function kept(mask: Tensor): Tensor {
  const m = isFloat(mask.dtype) ? mask : cast(mask, 'float32');
  return sum(where(equal(m, m), notEqual(m, 0), NaN));
}
