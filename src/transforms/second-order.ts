import { kindOf } from '../core/words.js';
import type { Tensor } from '../core/tensor.js';
import { copyTree, leavesOf, mapFor, type Gradient } from '../core/tree.js';
import { dot, zerosLike } from '../ops/index.js';
import { checkAlongside, checkFunction, valueAndGradient } from './differentiate.js';
import { grad, pullbackOf } from './vjp.js';

/**
 * [f(x), df/dx v] for trees: forward mode from two reverse passes. The pullback is linear in its
 * cotangent, so its own transpose is the Jacobian.
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
  const [y, pull] = pullbackOf('jvp', f, x);
  if (leavesOf('jvp', y).length === 0) throw new TypeError(`jvp: expected f to return tensors, got ${kindOf(y)}`);
  return [y, grad((g: Y) => dot(pull(g as Gradient<Y>), tangent))(mapFor('jvp')(zerosLike, y))];
}

function checkTangent(who: string, x: unknown, v: unknown): void {
  checkAlongside(who, 'tangent', x, v);
  if (leavesOf(who, v).length === 0) throw new TypeError(`${who}: expected a tangent like x, got ${kindOf(v)}`);
}

/** <df/dx, v> at x, where an outer transform differentiates it. */
function slope<X>(who: string, f: (x: X) => Tensor, x: X, v: unknown): Tensor {
  checkTangent(who, x, v);
  const tangent = copyTree(who, v); // f may write into it
  return dot(valueAndGradient(who, f, x)[1], tangent);
}

/**
 * d2f/dx2 v: the gradient in x of <df/dx, v>.
 * @param v the direction: a tree like x
 * @example
 * hvp((x) => sum(pow(x, 3)), tensor([1, 2]), tensor([1, 1])); // float32[2] on cpu [6, 12]
 */
export function hvp<X = Tensor>(f: (x: X) => Tensor, x: X, v: NoInfer<X> | Gradient<X>): Gradient<X> {
  checkFunction('hvp', f);
  return valueAndGradient('hvp', (y: X) => slope('hvp', f, y, v), x)[1];
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
  return valueAndGradient('mixedProduct', (z: Y) => slope('mixedProduct', (u: X) => f(u, z), x, v), y)[1];
}
