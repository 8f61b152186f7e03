import {
  add,
  cholesky,
  eigh,
  eye,
  matmul,
  mul,
  qr,
  randomKey,
  randomNormal,
  solve,
  svd,
  transpose,
  type Tensor,
} from 'bigrad';
import type { Case } from './case.js';

const N = 256;
const random = (shape: number[], seed: number): Tensor => randomNormal(randomKey(seed), shape, { dtype: 'float64' });

/**
 * Times a function of a positive definite matrix and of right sides; `bench/peers/linalg.py` times
 * NumPy's.
 */
const linear = (name: string, columns: number, f: (a: Tensor, b: Tensor) => unknown): Case => ({
  name: `${name} ${N}x${N}, float64`,
  prepare: () => {
    const x = random([N, N], 1);
    const a = add(matmul(x, transpose(x)), mul(eye(N, { dtype: 'float64' }), N));
    const b = random([N, columns], 2);
    return () => f(a, b);
  },
});

export const cases: readonly Case[] = [
  linear('cholesky', 1, (a) => cholesky(a)),
  linear('solve, one right side,', 1, solve),
  linear(`solve, ${N} right sides,`, N, solve),
  linear('qr', 1, (a) => qr(a)),
  linear('eigh', 1, (a) => eigh(a)),
  linear('svd', 1, (a) => svd(a)),
];
