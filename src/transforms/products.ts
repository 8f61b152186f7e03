import type { Tensor } from '../core/tensor.js';
import { mapTree, type Gradient } from '../core/tree.js';
import { dot, zerosLike } from '../ops/index.js';
import { grad, vjp } from './vjp.js';

/**
 * [f(x), df/dx v] for trees: forward mode from two reverse passes. The pullback is linear in its cotangent, so its own
 * transpose is the Jacobian.
 */
export function jvp<X, Y>(f: (x: X) => Y, x: X, v: NoInfer<X> | Gradient<X>): [y: Y, dy: Gradient<Y>] {
  const [y, pull] = vjp(f, x);
  return [y, grad((g: Y) => dot(pull(g as Gradient<Y>), v))(mapTree(zerosLike, y))];
}

/** d2f/dx2 v: the gradient in x of <df/dx, v>. */
export const hvp = <X>(f: (x: X) => Tensor, x: X, v: NoInfer<X> | Gradient<X>): Gradient<X> =>
  grad((y: X) => dot(grad(f)(y), v))(x);

/** d2f/dy dx v: the gradient in y of <df/dx, v>. The mixed product of bilevel methods. */
export const mixedProduct = <X, Y>(f: (x: X, y: Y) => Tensor, x: X, y: Y, v: NoInfer<X> | Gradient<X>): Gradient<Y> =>
  grad((z: Y) => dot(grad((u: X) => f(u, z))(x), v))(y);
