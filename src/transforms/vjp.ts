import { flag } from '../core/check.js';
import { checkOptions } from '../core/options.js';
import type { Tensor } from '../core/tensor.js';
import { copyArguments, copyTree, type Gradient } from '../core/tree.js';
import { checkAlongside, checkFunction, record, released, valueAndGradient } from './differentiate.js';

/**
 * [y, pullback] with y = f(x) and pullback(g) = g' df/dx, for trees x and y of tensors. The
 * pullback may be called any number of times. Integer leaves and leaves that are no tensors get
 * gradient undefined.
 * @example
 * const [y, pullback] = vjp((x) => square(x), tensor([1, 2]));
 * y; // float32[2] on cpu [1, 4]
 * pullback(tensor([1, 10])); // float32[2] on cpu [2, 40]
 */
export const vjp = <X = Tensor, Y = Tensor>(f: (x: X) => Y, x: X): [y: Y, pullback: (g: Gradient<Y>) => Gradient<X>] =>
  pullbackOf('vjp', f, x);

/** `vjp` that names `who` in its errors. */
export function pullbackOf<X, Y>(who: string, f: (x: X) => Y, x: X): [y: Y, pullback: (g: Gradient<Y>) => Gradient<X>] {
  const { y: result, back } = record(who, f, x);
  const y = copyTree(who, result);
  const pull = (g: Gradient<Y>): Gradient<X> => {
    const outs: Tensor[] = [];
    const gs: Tensor[] = [];
    checkAlongside(who, 'cotangent', y, g, (out, cotangent) => {
      outs.push(out);
      gs.push(cotangent);
    });
    return back(gs, outs);
  };
  return [released(who, y), pull];
}

const checkAux = (who: string, options: { hasAux?: boolean }) => checkOptions(who, options, { hasAux: flag });

/** With `hasAux`, `f` returns the loss and anything else worth keeping. */
export interface HasAux {
  readonly hasAux: true;
}

/**
 * [f(x, ...rest), its gradient in x] for a scalar f. With hasAux, f returns [loss, aux], and so the
 * first part is [loss, aux].
 * @example
 * const [value, gradient] = valueAndGrad((x) => sum(square(x)))(tensor([1, 2]));
 * value; // float32[] on cpu 5
 * gradient; // float32[2] on cpu [2, 4]
 */
export function valueAndGrad<X = Tensor, R extends unknown[] = Tensor[]>(
  f: (x: X, ...rest: R) => Tensor,
): (x: X, ...rest: R) => [Tensor, Gradient<X>];
export function valueAndGrad<X = Tensor, R extends unknown[] = Tensor[], A = unknown>(
  f: (x: X, ...rest: R) => readonly [Tensor, A],
  options: HasAux,
): (x: X, ...rest: R) => [[Tensor, A], Gradient<X>];
export function valueAndGrad<X, R extends unknown[], A>(
  f: (x: X, ...rest: R) => Tensor | readonly [Tensor, A],
  options: { hasAux?: boolean } = {},
) {
  checkFunction('valueAndGrad', f);
  const { hasAux } = checkAux('valueAndGrad', options);
  return (x: X, ...rest: R) =>
    valueAndGradient('valueAndGrad', (v: X) => f(v, ...copyArguments('valueAndGrad', rest)), x, hasAux);
}

/**
 * The gradient of a scalar function in its first argument. With hasAux, f returns [loss, aux], and
 * the result is [gradient, aux].
 * @example
 * grad((x) => sum(square(x)))(tensor([1, 2])); // float32[2] on cpu [2, 4]
 * const cube = (x: Tensor) => sum(pow(x, 3));
 * grad((x) => sum(grad(cube)(x)))(tensor([1, 2])); // float32[2] on cpu [6, 12]
 */
export function grad<X = Tensor, R extends unknown[] = Tensor[]>(
  f: (x: X, ...rest: R) => Tensor,
): (x: X, ...rest: R) => Gradient<X>;
export function grad<X = Tensor, R extends unknown[] = Tensor[], A = unknown>(
  f: (x: X, ...rest: R) => readonly [Tensor, A],
  options: HasAux,
): (x: X, ...rest: R) => [Gradient<X>, A];
export function grad<X, R extends unknown[], A>(
  f: (x: X, ...rest: R) => Tensor | readonly [Tensor, A],
  options: { hasAux?: boolean } = {},
) {
  checkFunction('grad', f);
  const { hasAux } = checkAux('grad', options);
  return (x: X, ...rest: R) => {
    const [y, gradient] = valueAndGradient('grad', (v: X) => f(v, ...copyArguments('grad', rest)), x, hasAux);
    return hasAux ? [gradient, (y as readonly [Tensor, A])[1]] : gradient;
  };
}
