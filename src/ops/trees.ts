import { kindOf, show } from '../core/words.js';
import { checkTensor, checkAlike } from '../core/op.js';
import { sameShape } from '../core/shape.js';
import { detach } from '../core/storage.js';
import { checkReadable, type Backend, type Tensor } from '../core/tensor.js';
import { checkWithin, leavesOf, mapFor, mapLeaves } from '../core/tree.js';
import { checkDevice } from '../core/device.js';
import { fromTypedArray } from './create.js';
import { add, mul } from './elementwise.js';
import { sum } from './reduce.js';

/**
 * <a, b>: the sum of the products of elements over all leaves of two trees. Absent leaves of b
 * count as zeros. b may have no leaf that a does not have.
 * @example
 * dot({ w: tensor([1, 2]), b: tensor(3) }, { w: tensor([1, 1]), b: tensor(2) });
 * // float32[] on cpu 9
 */
export function dot(a: unknown, b: unknown): Tensor {
  const pairs: Tensor[] = [];
  mapLeaves(
    'dot',
    (x, y?: Tensor) => {
      if (!y) return;
      if (!sameShape(x.shape, y.shape))
        throw new RangeError(`dot: expected leaves of equal shapes, got ${show(x.shape)} and ${show(y.shape)}`);
      pairs.push(x, y);
    },
    () => undefined,
    a,
    b,
  );
  if (pairs.length === 0)
    throw new TypeError(`dot: expected trees with tensors in common, got ${kindOf(a)} and ${kindOf(b)}`);
  checkAlike('dot', pairs);
  checkWithin('dot', a, b);
  const products = pairs.flatMap((x, i) => (i % 2 === 0 ? [sum(mul(x, pairs[i + 1]!))] : []));
  return products.reduce((x, y) => add(x, y));
}

/**
 * The same values without their history: derivatives of every order are zero. Takes tensors and
 * trees.
 * @example
 * grad((x) => mul(x, stopGradient(x)))(tensor(3)); // float32[] on cpu 3
 */
export const stopGradient = <T>(x: T): T => mapFor('stopGradient')((leaf) => detach(leaf), x);

/**
 * A copy of a tree whose tensors lie on another device, or on the same one in memory of their own;
 * other leaves stay.
 * @example
 * const there = createCpu({ simd: 'none' });
 * const copy = await copyTo({ w: tensor([1, 2]) }, there);
 * copy.w; // float32[2] on cpu (none) [1, 2]
 */
export async function copyTo<T>(tree: T, device: Backend): Promise<T> {
  checkDevice('copyTo', device);
  const read = await Promise.all(
    leavesOf('copyTo', tree).map((x) => {
      checkReadable('copyTo', x);
      return x.read();
    }),
  );
  let i = 0;
  return mapFor('copyTo')((x) => fromTypedArray(device, read[i++]!, x.shape, 'copyTo'), tree);
}

/**
 * A tensor's values as nested arrays.
 * @example
 * await toArray(tensor([[1, 2], [3, 4]])); // [ [ 1, 2 ], [ 3, 4 ] ]
 */
export async function toArray(x: Tensor): Promise<unknown> {
  const data = await checkTensor('toArray', x).read();
  const walk = (axis: number, offset: number, step: number): unknown => {
    if (axis === x.shape.length) return data[offset]!;
    const inner = step / x.shape[axis]!;
    return Array.from({ length: x.shape[axis]! }, (_, i) => walk(axis + 1, offset + i * inner, inner));
  };
  return walk(0, 0, x.size);
}
