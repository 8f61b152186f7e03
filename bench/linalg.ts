import {
  add,
  cholesky,
  determinant,
  eigh,
  eye,
  inverse,
  matmul,
  mul,
  qr,
  randomKey,
  randomNormal,
  solve,
  svd,
  transpose,
  triangularSolve,
  type Tensor,
} from 'bigrad';
import type { Case } from './case.js';

const random = (shape: number[], seed: number): Tensor => randomNormal(randomKey(seed), shape, { dtype: 'float64' });

/**
 * Times a function of a positive definite matrix, of right sides, and of the factor of the matrix;
 * `bench/peers/linalg.py` times NumPy's.
 */
const linear = (
  n: number,
  name: string,
  columns: number,
  f: (a: Tensor, b: Tensor, factor: Tensor) => unknown,
): Case => ({
  name: `${name} ${n}x${n}, float64`,
  prepare: () => {
    const x = random([n, n], 1);
    const a = add(matmul(x, transpose(x)), mul(eye(n, { dtype: 'float64' }), n));
    const [b, factor] = [random([n, columns], 2), cholesky(a)];
    return () => f(a, b, factor);
  },
});

/** Times `solve` of small matrices in one call. */
const batch = (count: number): Case => ({
  name: `solve, ${count} x 8x8, float64`,
  prepare: () => {
    const a = add(random([count, 8, 8], 1), mul(eye(8, { dtype: 'float64' }), 8));
    const b = random([count, 8, 1], 2);
    return () => solve(a, b);
  },
});

export const cases: readonly Case[] = [
  ...[64, 256, 512].flatMap((n) => [
    linear(n, 'matmul', n, (a, b) => matmul(a, b)),
    linear(n, 'cholesky', 1, (a) => cholesky(a)),
    linear(n, 'triangularSolve, one right side,', 1, (_, b, factor) => triangularSolve(factor, b)),
    linear(n, `triangularSolve, ${n} right sides,`, n, (_, b, factor) => triangularSolve(factor, b)),
    linear(n, 'solve, one right side,', 1, solve),
    linear(n, `solve, ${n} right sides,`, n, solve),
    linear(n, 'inverse', 1, (a) => inverse(a)),
    linear(n, 'determinant', 1, (a) => determinant(a)),
    linear(n, 'qr', 1, (a) => qr(a)),
  ]),
  ...[1, 100].map(batch),
  linear(256, 'eigh', 1, (a) => eigh(a)),
  linear(256, 'svd', 1, (a) => svd(a)),
];
