import * as bigrad from 'bigrad';
import { add, eye, matmul, transpose, type Tensor } from 'bigrad';
import { call, type Call } from './call.js';
import { x } from './values.js';

/** A positive definite matrix. */
const definite = (n = 2): Tensor => add(matmul(x([n, n]), transpose(x([n, n]))), eye(n));

/** Calls of linear algebra. */
// prettier-ignore
export const linalg: readonly Call[] = [
  ...(['cholesky', 'inverse', 'determinant', 'logDeterminant', 'eigh', 'qr', 'svd', 'trace', 'tril', 'triu'] as const).map((name) =>
    call(name, () => [definite()], bigrad[name])),
  ...(['trace', 'tril', 'triu'] as const).map((name) => call(name, () => [x(), 1], bigrad[name])),
  call('solve', () => [definite(), x([2, 3])], bigrad.solve),
  call('solve', () => [definite(), x([2])], bigrad.solve),
  call('triangularSolve', () => [definite(), x([2, 3]), { lower: false, transposed: true, unit: true }], bigrad.triangularSolve, { options: 2 }),
  call('diagonal', () => [x([2, 3, 4]), 1, [0, -1]], bigrad.diagonal),
  call('norm', () => [x(), [0], { order: 3, keepDims: true }], bigrad.norm, { options: 2 }),
  call('outer', () => [x([2]), x([3])], bigrad.outer),
  call('einsum', () => ['ij,jk->ik', x(), x([3, 2])], bigrad.einsum),
];
