import { kindOf } from '../core/words.js';
import type { Tensor } from '../core/tensor.js';
import { copyTree, leavesOf, mapFor, type Gradient } from '../core/tree.js';
import { onesLike } from '../ops/index.js';
import { checkAlongside, checkFunction, valueAndGradient } from './differentiate.js';
import { pullbackOf } from './vjp.js';

/**
 * [f(x), df/dx v] for trees: forward mode from two reverse passes, which `linearize` explains.
 * @param v the direction: a tree like x
 * @example
 * const [y, dy] = jvp((x) => square(x), tensor([1, 2]), tensor([1, 0]));
 * dy; // float32[2] on cpu [2, 0]
 */
export function jvp<X = Tensor, Y = Tensor>(
  f: (x: X) => Y,
  x: X,
  v: NoInfer<X> | Gradient<X>,
): [y: Y, dy: Gradient<Y>] {
  checkFunction('jvp', f);
  checkTangent('jvp', x, v);
  const tangent = copyTree('jvp', v); // f may write into it
  const [y, push] = linearized('jvp', f, x);
  return [y, push(tangent)];
}

/**
 * [y, pushforward] with y = f(x) and pushforward(v) = df/dx v, for trees x and y of tensors. The
 * pullback is linear in its cotangent, so its own pullback is the Jacobian. f and the pullback run
 * once, whatever the number of directions. `vmap` of the pushforward takes many at once.
 * @example
 * const [y, push] = linearize((x) => square(x), tensor([1, 2]));
 * push(tensor([1, 0])); // float32[2] on cpu [2, 0]
 * push(tensor([0, 1])); // float32[2] on cpu [0, 4]
 */
export function linearize<X = Tensor, Y = Tensor>(
  f: (x: X) => Y,
  x: X,
): [y: Y, pushforward: (v: X | Gradient<X>) => Gradient<Y>] {
  checkFunction('linearize', f);
  const at = copyTree('linearize', x); // its owner may change it later
  const [y, push] = linearized('linearize', f, at);
  const pushforward = (v: X | Gradient<X>): Gradient<Y> => {
    checkTangent('linearize', at, v);
    return push(v);
  };
  return [y, pushforward];
}

/** `linearize` that names `who` in its errors, and leaves the directions unchecked. */
function linearized<X, Y>(who: string, f: (x: X) => Y, x: X): [y: Y, push: (v: X | Gradient<X>) => Gradient<Y>] {
  const [y, pull] = pullbackOf(who, f, x);
  if (leavesOf(who, y).length === 0) throw new TypeError(`${who}: expected f to return tensors, got ${kindOf(y)}`);
  // Where the cotangent is does not matter, as the pullback is linear in it. But zeros would make
  // NaN of what divides them by 0.
  const [, push] = pullbackOf(who, (g: Y) => pull(g as Gradient<Y>), mapFor(who)(onesLike, y));
  return [y, push as (v: X | Gradient<X>) => Gradient<Y>];
}

function checkTangent(who: string, x: unknown, v: unknown): void {
  checkAlongside(who, 'tangent', x, v);
  if (leavesOf(who, v).length === 0) throw new TypeError(`${who}: expected a tangent like x, got ${kindOf(v)}`);
}

/** The gradient in y of <g(y), v>, where g(y) is the gradient of a loss in x. */
function pulled<X, Y>(who: string, g: (y: Y) => Gradient<X>, x: X, y: Y, v: NoInfer<X> | Gradient<X>): Gradient<Y> {
  checkTangent(who, x, v);
  const cotangent = copyTree(who, v); // the loss may write into it
  return pullbackOf(who, g, y)[1](cotangent as Gradient<Gradient<X>>);
}

/**
 * d2f/dx2 v: the gradient in x of <df/dx, v>.
 * @param v the direction: a tree like x
 * @example
 * hvp((x) => sum(pow(x, 3)), tensor([1, 2]), tensor([1, 1])); // float32[2] on cpu [6, 12]
 */
export function hvp<X = Tensor>(f: (x: X) => Tensor, x: X, v: NoInfer<X> | Gradient<X>): Gradient<X> {
  checkFunction('hvp', f);
  return pulled('hvp', (u: X) => valueAndGradient('hvp', f, u)[1], x, x, v);
}

/**
 * d2f/dy dx v: the gradient in y of <df/dx, v>. The mixed product of bilevel methods.
 * @param v the direction: a tree like x
 * @example
 * const f = (x: Tensor, y: Tensor) => sum(mul(square(x), y));
 * mixedProduct(f, tensor([1, 2]), tensor([3, 4]), tensor([1, 1])); // float32[2] on cpu [2, 4]
 */
export function mixedProduct<X = Tensor, Y = Tensor>(
  f: (x: X, y: Y) => Tensor,
  x: X,
  y: Y,
  v: NoInfer<X> | Gradient<X>,
): Gradient<Y> {
  checkFunction('mixedProduct', f);
  const gradientAt = (z: Y) => valueAndGradient('mixedProduct', (u: X) => f(u, z), x)[1];
  return pulled('mixedProduct', gradientAt, x, y, v);
}
