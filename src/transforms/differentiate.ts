import { isFloat } from '../core/dtype.js';
import { kindOf, show } from '../core/words.js';
import { pullback, variable } from '../core/graph.js';
import { checkAlike } from '../core/op.js';
import { release } from '../core/history.js';
import { sameShape } from '../core/shape.js';
import { Tensor, type Scope } from '../core/tensor.js';
import { checkWithin, copyTree, leavesOf, mapFor, mapLeaves, type Gradient } from '../core/tree.js';
import { add, onesLike, zerosLike } from '../ops/index.js';

// What all transforms share. `who` is the public function that errors name.

/** Checks a function to differentiate. */
export function checkFunction(who: string, f: unknown): void {
  if (typeof f !== 'function') throw new TypeError(`${who}: expected a function, got ${kindOf(f)}`);
}

/**
 * Runs `f` on fresh variables in the place of x's tensors; afterwards nothing new is recorded for
 * them. `back` takes cotangents of some outputs to those of x: zeros, or nothing, for what they do
 * not depend on.
 */
export function record<X, Y>(
  who: string,
  f: (x: X) => Y,
  x: X,
): { y: Y; back: (gs: readonly Tensor[], outs: readonly Tensor[], absent?: 'zeros' | 'nothing') => Gradient<X> } {
  checkFunction(who, f);
  const scope: Scope = { open: true };
  // f gets a copy: it may put other tensors in the place of its variables.
  const variables = mapLeaves(
    who,
    (leaf) => variable(who, leaf, scope),
    (leaf) => leaf,
    x,
  ) as X;
  const own = leavesOf(who, variables);
  let y: Y;
  try {
    y = f(copyTree(who, variables));
  } finally {
    scope.open = false;
  }
  const back = (gs: readonly Tensor[], outs: readonly Tensor[], absent = 'zeros'): Gradient<X> => {
    const cotangents = pullback(outs, gs, own, scope, add);
    let i = 0;
    return mapLeaves(
      who,
      (leaf) => {
        const g = cotangents[i++];
        if (!isFloat(leaf.dtype) || (!g && absent === 'nothing')) return undefined;
        return release(g ?? zerosLike(leaf));
      },
      () => undefined,
      variables,
    ) as Gradient<X>;
  };
  return { y, back };
}

/**
 * [y, the gradient of its loss]: the loss is y, or with hasAux the first part of y = [loss, aux].
 */
export function valueAndGradient<X, Y>(who: string, f: (x: X) => Y, x: X, hasAux = false): [Y, Gradient<X>] {
  const { y, back } = record(who, f, x);
  if (hasAux && !Array.isArray(y)) throw new TypeError(`${who}: expected f to return [loss, aux], got ${kindOf(y)}`);
  const loss: unknown = hasAux ? (y as readonly unknown[])[0] : y;
  if (!(loss instanceof Tensor))
    throw new TypeError(`${who}: expected f to return a scalar tensor, got ${kindOf(loss)}`);
  if (loss.shape.length > 0 || !isFloat(loss.dtype))
    throw new RangeError(
      `${who}: expected f to return a scalar of float32 or float64, got ${loss.dtype} ${show(loss.shape)}`,
    );
  const gradient = back([onesLike(loss)], [loss]);
  return [released(who, y), gradient];
}

/** The gradient of a scalar loss, without the leaves of x that it does not depend on. */
export function gradientWherePresent<X>(who: string, f: (x: X) => Tensor, x: X): Gradient<X> {
  const { y, back } = record(who, f, x);
  return back([onesLike(y)], [y], 'nothing');
}

/** A tree as it may leave a transform that has ended. */
export const released = <Y>(who: string, y: Y): Y => mapFor(who)(release, y);

/**
 * Checks that a tree `v` of tangents or cotangents fits x: a tensor of the same shape and dtype, or
 * nothing, for each of x's. Visits the pairs.
 */
export function checkAlongside(
  who: string,
  what: string,
  x: unknown,
  v: unknown,
  visit?: (leaf: Tensor, t: Tensor) => void,
): void {
  mapLeaves(
    who,
    (leaf, t?: Tensor) => {
      if (!t) return;
      if (!sameShape(leaf.shape, t.shape))
        throw new RangeError(`${who}: expected a ${what} of shape ${show(leaf.shape)}, got ${show(t.shape)}`);
      if (leaf.dtype !== t.dtype)
        throw new TypeError(`${who}: expected a ${what} of dtype ${leaf.dtype}, got ${t.dtype}`);
      checkAlike(who, [leaf, t]);
      visit?.(leaf, t);
    },
    () => undefined,
    x,
    v,
  );
  checkWithin(who, x, v);
}
