import type { Tensor } from '../core/tensor.js';
import * as op from '../ops/index.js';
import { call, entry, type Make, type OpCase, type OpEntry } from './op-case.js';

type X = Tensor;
const { add, matmul, mul, transpose } = op;

/** Matrices whose diagonal is well above the rest. */
const regular = (m: Make, n: number): X => {
  let i = 0;
  return m([n, n], (u) => (i++ % (n + 1) === 0 ? 2 + i / n + 0.2 * u : 0.4 * u));
};
/** A batch of two. */
const two = (x: X): X => op.stack([x, add(mul(x, 0.5), transpose(x))]);
const onMatrix = (title: string, n: number, f: (x: X) => unknown): OpCase => call(title, (m) => [regular(m, n)], f);
/** An entry that runs in main memory. */
const onHost = (name: string, cases: OpCase[]): OpEntry => ({ ...entry(name, cases), host: true });
/** What does not depend on the signs of vectors. */
const squares = (v: X): X => mul(v, v);

/** Linear algebra. */
export const linalg: readonly OpEntry[] = [
  onHost('solve', [
    call(
      'a batch of two',
      (m) => [regular(m, 2), m([2, 2])],
      (a, b) => op.solve(two(a), b),
    ),
  ]),
  onHost('triangularSolve', [
    call(
      'the upper triangle, transposed',
      (m) => [regular(m, 3), m([3, 2])],
      (a, b) => op.triangularSolve(a, b, { lower: false, transposed: true }),
    ),
    call(
      'ones on the diagonal, a vector',
      (m) => [regular(m, 3), m([3])],
      (a, b) => op.triangularSolve(a, b, { unit: true }),
    ),
  ]),
  onHost('cholesky', [onMatrix('[3,3]', 3, (a) => op.cholesky(a))]),
  onHost('inverse', [onMatrix('[2,2]', 2, (a) => op.inverse(a))]),
  onHost('determinant', [onMatrix('a batch of two', 2, (a) => op.determinant(two(a)))]),
  onHost('logDeterminant', [onMatrix('[3,3]', 3, (a) => op.logDeterminant(a))]),
  onHost('qr', [
    onMatrix('a wide matrix', 3, (a) => op.qr(op.slice(a, [0, 0], [2, 3]))),
    onMatrix('a tall matrix', 3, (a) => op.qr(op.slice(a, [0, 0], [3, 2]))),
  ]),
  onHost('eigh', [
    onMatrix('[3,3]', 3, (a) => {
      const { values, vectors } = op.eigh(a);
      return [values, squares(vectors)];
    }),
  ]),
  onHost('svd', [
    onMatrix('a wide matrix', 3, (a) => {
      const { u, s, vt } = op.svd(op.slice(a, [0, 0], [2, 3]));
      return [s, squares(u), matmul(u, vt)];
    }),
  ]),
  entry('norm', [
    call(
      'axis 1',
      (m) => [m([2, 3])],
      (x) => op.norm(x, 1),
    ),
    call(
      'order 3, of all',
      (m) => [m([2, 3], (u) => u + Math.sign(u))],
      (x) => op.norm(x, undefined, { order: 3 }),
    ),
  ]),
  entry('outer', [
    call(
      '[2] and [3]',
      (m) => [m([2]), m([3])],
      (x, y) => op.outer(x, y),
    ),
  ]),
  ...(['trace', 'diagonal', 'tril', 'triu'] as const).map((name) =>
    entry(name, [
      call(
        'an offset',
        (m) => [m([2, 3])],
        (x) => op[name](x, 1),
      ),
    ]),
  ),
  entry('einsum', [
    call(
      'three operands',
      (m) => [m([2, 3]), m([3, 2]), m([2])],
      (x, y, z) => op.einsum('ij,jk,k->ik', x, y, z),
    ),
    call(
      'a diagonal, and axes that broadcast',
      (m) => [m([2, 3, 3]), m([3])],
      (x, y) => op.einsum('...ii,i', x, y),
    ),
  ]),
];
