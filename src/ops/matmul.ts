import { checkTensor, defineOp, sameFloat, type Op, type Two } from '../core/op.js';
import { broadcastShapes, sizeOf, swapsLastTwo, type Shape } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { broadcastTo } from './broadcast.js';
import { expandDims, reshape, squeeze, transpose } from './movement.js';
import { show } from '../core/words.js';

const swap = (x: Tensor): Tensor => {
  const rank = x.shape.length;
  return transpose(
    x,
    [...x.shape.keys()].map((i) => (i < rank - 2 ? i : 2 * rank - 3 - i)),
  );
};

const isSwap = ({ node }: Tensor): boolean => {
  const order = node?.op?.traits?.permutation?.(node.attrs);
  return order !== undefined && swapsLastTwo(order);
};

const matmulOp: Op<Two, null> = defineOp<Two, null>({
  name: 'matmul',
  shape: ([x, y]) => [...x.slice(0, -1), y.at(-1)!],
  dtype: (dtypes) => sameFloat('matmul', dtypes),
  ref: (out, [x, y]) => {
    const [m, k, n] = [x.shape.at(-2)!, x.shape.at(-1)!, y.shape.at(-1)!];
    const batches = sizeOf(x.shape.slice(0, -2));
    for (let b = 0; b < batches; b++)
      for (let i = 0; i < m; i++)
        for (let j = 0; j < n; j++) {
          let s = 0;
          for (let p = 0; p < k; p++) s += x.data[(b * m + i) * k + p]! * y.data[(b * k + p) * n + j]!;
          out.data[(b * m + i) * n + j] = s;
        }
  },
  traits: { reversedByTranspose: true, work: ([x], [y]) => 2 * sizeOf(y!.shape) * x!.shape.at(-1)! },
  batch: ({ ins: [x, y], batched, size, all, run }) => {
    // Rows of all examples by one matrix are one product.
    if (batched[1] || y.shape.length > 2) return run(all(), null);
    const [m, k] = x.shape.slice(1) as [number, number];
    return run([reshape(x, [size * m, k]), y], null).map((z) => reshape(z, [size, m, y.shape[1]!]));
  },
  vjp: [(g, [x, y]) => productLike(x, g, swap(y)), (g, [x, y]) => productLike(y, swap(x), g)],
});

/**
 * The product a b, a gradient of z. Where z is a transposition, as W' is in y = x W', so is the
 * product: then the gradient of what was transposed is row-major.
 */
const productLike = (z: Tensor, a: Tensor, b: Tensor): Tensor =>
  isSwap(z) ? swap(matmulOp([swap(b), swap(a)], null)) : matmulOp([a, b], null);

/**
 * The matrix product: x [..., m, k] and y [..., k, n] into [..., m, n], leading axes broadcast. A
 * vector counts as a row on the left and as a column on the right, and that axis is dropped again.
 * Throws a RangeError for scalars and where k differs.
 * @example
 * matmul(tensor([[1, 2], [3, 4]]), tensor([[1], [1]])); // float32[2,1] on cpu [[3], [7]]
 */
export function matmul(x: Tensor, y: Tensor): Tensor {
  const [a, b] = [checkTensor('matmul', x).shape, checkTensor('matmul', y).shape];
  if (a.length === 0 || b.length === 0 || a.at(-1) !== b.at(b.length === 1 ? 0 : -2))
    throw new RangeError(
      `matmul: expected x [..., m, k] and y [..., k, n] with equal k, got ${show(a)} and ${show(b)}`,
    );
  if (a.length === 1) return squeeze(matmul(expandDims(x, 0), y), b.length === 1 ? 0 : -2);
  if (b.length === 1) return squeeze(matmul(x, expandDims(y, 1)), -1);
  const lead: Shape = broadcastShapes('matmul', a.slice(0, -2), b.slice(0, -2));
  return matmulOp([broadcastTo(x, [...lead, ...a.slice(-2)]), broadcastTo(y, [...lead, ...b.slice(-2)])], null);
}
