import { kindOf } from '../core/dtype.js';
import type { Tensor } from '../core/tensor.js';
import { leaves, mapTree, type Gradient } from '../core/tree.js';
import { dot, zerosLike } from '../ops/index.js';
import { checkAlongside, checkFunction, valueAndGradient } from './differentiate.js';
import { grad, vjp } from './vjp.js';

/**
 * [f(x), df/dx v] for trees: forward mode from two reverse passes. The pullback is linear in its cotangent, so its own
 * transpose is the Jacobian.
 */
export function jvp<X, Y>(f: (x: X) => Y, x: X, v: NoInfer<X> | Gradient<X>): [y: Y, dy: Gradient<Y>] {
  checkFunction('jvp', f);
  checkTangent('jvp', x, v);
  const [y, pull] = vjp(f, x);
  return [y, grad((g: Y) => dot(pull(g as Gradient<Y>), v))(mapTree(zerosLike, y))];
}

function checkTangent(who: string, x: unknown, v: unknown): void {
  checkAlongside(who, 'tangent', x, v);
  if (leaves(v).length === 0) throw new TypeError(`${who}: expected a tangent like x, got ${kindOf(v)}`);
}

/** <df/dx, v> at x, where an outer transform differentiates it. */
function slope<X>(who: string, f: (x: X) => Tensor, x: X, v: unknown): Tensor {
  checkTangent(who, x, v);
  return dot(valueAndGradient(who, f, x)[1], v);
}

/** d2f/dx2 v: the gradient in x of <df/dx, v>. */
export const hvp = <X>(f: (x: X) => Tensor, x: X, v: NoInfer<X> | Gradient<X>): Gradient<X> =>
  grad((y: X) => slope('hvp', f, y, v))(x);

/** d2f/dy dx v: the gradient in y of <df/dx, v>. The mixed product of bilevel methods. */
export function mixedProduct<X, Y>(f: (x: X, y: Y) => Tensor, x: X, y: Y, v: NoInfer<X> | Gradient<X>): Gradient<Y> {
  checkFunction('mixedProduct', f);
  return grad((z: Y) => slope('mixedProduct', (u: X) => f(u, z), x, v))(y);
}
