import { isFloat } from '../core/dtype.js';
import type { Tensor } from '../core/tensor.js';
import { copyArguments, flatten, mapLeaves, mapTree, type Gradient } from '../core/tree.js';
import { kindOf } from '../core/words.js';
import { reshape, zerosLike } from '../ops/index.js';
import { eye, fromTypedArray } from '../ops/create.js';
import { checkFunction, valueAndGradient } from './differentiate.js';
import { pullbackOf } from './vjp.js';
import { vmap } from './vmap.js';

/**
 * A tree like X for each tensor of Y, and undefined at other leaves of Y. A tensor in such a tree
 * has the shape of that in Y, followed by the shape of that in X.
 */
export type Jacobian<Y, X> = Y extends Tensor
  ? Gradient<X>
  : Gradient<Y> extends undefined
    ? undefined
    : { [K in keyof Y]: Jacobian<Y[K], X> };

/**
 * All derivatives of `f` in its first argument, by one pullback of a batch of all units of its
 * result. For tensors, [...y.shape, ...x.shape]; for trees, a tree of those like x at each tensor
 * of y.
 * @example
 * jacobian((x) => square(x))(tensor([1, 2])); // float32[2,2] on cpu [[2, 0], [0, 4]]
 * jacobian((x, a) => mul(x, a))(tensor([1, 2]), tensor(3)); // float32[2,2] on cpu [[3, 0], [0, 3]]
 */
export function jacobian<X = Tensor, Y = Tensor, R extends unknown[] = Tensor[]>(
  f: (x: X, ...rest: R) => Y,
): (x: X, ...rest: R) => Jacobian<Y, X> {
  checkFunction('jacobian', f);
  return (x, ...rest) => jacobianAt('jacobian', (v: X) => f(v, ...copyArguments('jacobian', rest)), x);
}

function jacobianAt<X, Y>(who: string, f: (x: X) => Y, x: X): Jacobian<Y, X> {
  const [y, pull] = pullbackOf(who, f, x);
  const { leaves: outs, rebuild } = flatten(who, y);
  if (!outs.some((out) => isFloat(out.dtype)))
    throw new TypeError(
      `${who}: expected f to return tensors of floats, got ${outs.length > 0 ? outs[0]!.dtype : kindOf(y)}`,
    );
  const zeros = outs.map(zerosLike);
  let at = 0;
  return mapLeaves(
    who,
    (out) => {
      const k = at++;
      if (!isFloat(out.dtype)) return undefined;
      if (out.size === 0) return emptyRow(x, out);
      const rows = vmap((g: Tensor) => pull(rebuild(zeros.map((z, j) => (j === k ? g : z))) as Gradient<Y>));
      return mapTree((g) => reshape(g, [...out.shape, ...g.shape.slice(1)]), rows(units(out)));
    },
    () => undefined,
    y,
  ) as Jacobian<Y, X>;
}

/**
 * All second derivatives of a scalar function in its first argument: the Jacobian of its gradient.
 * @example
 * hessian((x) => sum(pow(x, 3)))(tensor([1, 2])); // float32[2,2] on cpu [[6, 0], [0, 12]]
 */
export function hessian<X = Tensor, R extends unknown[] = Tensor[]>(
  f: (x: X, ...rest: R) => Tensor,
): (x: X, ...rest: R) => Jacobian<Gradient<X>, X> {
  checkFunction('hessian', f);
  return (x, ...rest) => {
    const at = (v: X): Tensor => f(v, ...copyArguments('hessian', rest));
    return jacobianAt('hessian', (v: X) => valueAndGradient('hessian', at, v)[1], x);
  };
}

/** The Jacobian of a tensor without elements. */
const emptyRow = (x: unknown, out: Tensor): unknown =>
  mapLeaves(
    'jacobian',
    (leaf) => (isFloat(leaf.dtype) ? zeros(leaf, [...out.shape, ...leaf.shape]) : undefined),
    () => undefined,
    x,
  );

const zeros = (like: Tensor, shape: readonly number[]): Tensor =>
  fromTypedArray(like.device, like.dtype === 'float64' ? new Float64Array(0) : new Float32Array(0), shape);

/** A one at each element in turn, in the shape of x. */
const units = (x: Tensor): Tensor => reshape(eye(x.device, x.size, x.dtype), [x.size, ...x.shape]);
