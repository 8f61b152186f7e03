import { indefinite } from '../../core/matrices.js';
import { defineOp, sameFloat, type One, type Op } from '../../core/op.js';
import type { Tensor } from '../../core/tensor.js';
import { add, mul, sub } from '../elementwise.js';
import { matmul } from '../matmul.js';
import { batchesOf, checkSquare, matrixAt, swap, leadingBatch } from './batch.js';
import { factorCholesky } from './factor.js';
import { solveTriangle } from './solve.js';
import { tril, triu } from './triangles.js';

/** (A + A') / 2 */
export const symmetric = (a: Tensor): Tensor => mul(add(a, swap(a)), 0.5);

/** The lower triangle, with half of the diagonal. */
const halfLower = (x: Tensor): Tensor => sub(tril(x), mul(tril(triu(x)), 0.5));

/** (A + A') / 2 in place of the lower triangle of row-major a [n, n]. */
function makeSymmetric(a: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) a[i * n + j] = (a[i * n + j]! + a[j * n + i]!) * 0.5;
}

const choleskyOp: Op<One, null> = defineOp<One, null>({
  name: 'cholesky',
  shape: ([a]) => a,
  dtype: (dtypes) => sameFloat('cholesky', dtypes),
  ref: (out, [a]) => {
    const n = a.shape.at(-1)!;
    for (let k = 0; k < batchesOf(a.shape); k++) {
      const l = matrixAt(a, k);
      makeSymmetric(l, n);
      if (!factorCholesky(l, n)) throw indefinite(a.shape, k);
      for (let i = 0; i < n; i++) l.fill(0, i * n + i + 1, (i + 1) * n);
      out.data.set(l, k * n * n);
    }
  },
  batch: leadingBatch,
  // L'^-1 phi(L' g) L^-1, made symmetric; phi keeps the lower triangle and half of the diagonal
  // (Murray 2016).
  traits: { mayFail: true },
  vjp: [
    (g, _, __, l) => {
      const left = solveTriangle(l, halfLower(matmul(swap(l), g)), true, true);
      return symmetric(solveTriangle(l, swap(left), true, true));
    },
  ],
});

/**
 * The lower triangular L with A = L L', for symmetric positive definite matrices A [..., n, n]; of
 * others, that of (A + A') / 2. Throws a RangeError that names the matrix of the batch that is not
 * positive definite.
 * @example
 * cholesky(tensor([[4, 2], [2, 5]])); // float32[2,2] on cpu [[2, 0], [1, 2]]
 */
export const cholesky = (a: Tensor): Tensor => choleskyOp([checkSquare('cholesky', a)], null);
