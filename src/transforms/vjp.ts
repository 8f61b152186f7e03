import { pullback as walkBack, release, variable } from '../core/graph.js';
import { isFloat, kindOf } from '../core/dtype.js';
import { sameShape, show } from '../core/shape.js';
import { Tensor, type Scope } from '../core/tensor.js';
import { leaves, mapLeaves, mapTree, type Gradient } from '../core/tree.js';
import { add, onesLike, zerosLike } from '../ops/index.js';

/** Runs `f` on fresh variables in the place of x's tensors; afterwards nothing new is recorded for them. */
function record<X, Y>(
  f: (x: X) => Y,
  x: X,
): { y: Y; back: (gs: readonly Tensor[], outs: readonly Tensor[]) => Gradient<X> } {
  const scope: Scope = { open: true };
  const variables = mapTree((leaf) => variable(leaf, scope), x);
  let y: Y;
  try {
    y = f(variables);
  } finally {
    scope.open = false;
  }
  const back = (gs: readonly Tensor[], outs: readonly Tensor[]): Gradient<X> => {
    const own = leaves(variables);
    const cotangents = walkBack(outs, gs, own, scope, add);
    let i = 0;
    return mapLeaves(
      'grad',
      (leaf) => {
        const g = cotangents[i++];
        return isFloat(leaf.dtype) ? release(g ?? zerosLike(leaf)) : undefined;
      },
      () => undefined,
      variables,
    ) as Gradient<X>;
  };
  return { y, back };
}

/**
 * [y, pullback] with y = f(x) and pullback(g) = g' df/dx, for trees x and y of tensors. The pullback may be called any number of times.
 * Integer leaves and leaves that are no tensors get gradient undefined.
 */
export function vjp<X, Y>(f: (x: X) => Y, x: X): [y: Y, pullback: (g: Gradient<Y>) => Gradient<X>] {
  const { y, back } = record(f, x);
  const pull = (g: Gradient<Y>): Gradient<X> => {
    const outs: Tensor[] = [];
    const gs: Tensor[] = [];
    mapLeaves(
      'vjp',
      (out, cotangent?: Tensor) => {
        if (!cotangent) return;
        if (!sameShape(out.shape, cotangent.shape))
          throw new RangeError(`vjp: expected a cotangent of shape ${show(out.shape)}, got ${show(cotangent.shape)}`);
        if (out.dtype !== cotangent.dtype)
          throw new TypeError(`vjp: expected a cotangent of dtype ${out.dtype}, got ${cotangent.dtype}`);
        outs.push(out);
        gs.push(cotangent);
      },
      () => undefined,
      y,
      g,
    );
    return back(gs, outs);
  };
  return [mapTree(release, y), pull];
}

/** What `hasAux` makes of `f`: it returns the loss and, beside it, anything worth keeping. */
export interface HasAux {
  readonly hasAux: true;
}

/** [f(x, ...rest), its gradient in x] for a scalar f; with hasAux f returns [loss, aux] and the first part is [loss, aux]. */
export function valueAndGrad<X, R extends unknown[]>(
  f: (x: X, ...rest: R) => Tensor,
): (x: X, ...rest: R) => [Tensor, Gradient<X>];
export function valueAndGrad<X, R extends unknown[], A>(
  f: (x: X, ...rest: R) => readonly [Tensor, A],
  options: HasAux,
): (x: X, ...rest: R) => [[Tensor, A], Gradient<X>];
export function valueAndGrad<X, R extends unknown[], A>(
  f: (x: X, ...rest: R) => Tensor | readonly [Tensor, A],
  options?: { hasAux: boolean },
) {
  const hasAux = options?.hasAux ?? false;
  if (typeof f !== 'function') throw new TypeError(`valueAndGrad: expected a function, got ${kindOf(f)}`);
  return (x: X, ...rest: R) => {
    const { y, back } = record((v: X) => f(v, ...rest), x);
    if (hasAux && !Array.isArray(y))
      throw new TypeError(`valueAndGrad: expected f to return [loss, aux], got ${kindOf(y)}`);
    const loss = (hasAux ? (y as readonly unknown[])[0] : y) as Tensor;
    if (!(loss instanceof Tensor))
      throw new TypeError(`valueAndGrad: expected f to return a scalar tensor, got ${kindOf(loss)}`);
    if (loss.shape.length > 0 || !isFloat(loss.dtype))
      throw new RangeError(
        `valueAndGrad: expected f to return a scalar of float32 or float64, got ${loss.dtype} ${show(loss.shape)}`,
      );
    const gradient = back([onesLike(loss)], [loss]);
    return [mapTree(release, y), gradient];
  };
}

/** The gradient of a scalar function in its first argument; with hasAux f returns [loss, aux] and so does this: [gradient, aux]. */
export function grad<X, R extends unknown[]>(f: (x: X, ...rest: R) => Tensor): (x: X, ...rest: R) => Gradient<X>;
export function grad<X, R extends unknown[], A>(
  f: (x: X, ...rest: R) => readonly [Tensor, A],
  options: HasAux,
): (x: X, ...rest: R) => [Gradient<X>, A];
export function grad<X, R extends unknown[], A>(
  f: (x: X, ...rest: R) => Tensor | readonly [Tensor, A],
  options?: { hasAux: boolean },
) {
  const both = valueAndGrad(f as (x: X, ...rest: R) => [Tensor, A], options as HasAux);
  return (x: X, ...rest: R) => {
    const [value, gradient] = both(x, ...rest);
    return options?.hasAux ? [gradient, value[1]] : gradient;
  };
}
