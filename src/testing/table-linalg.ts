import type { Tensor } from '../core/tensor.js';
import { arange } from '../ops/create.js';
import * as op from '../ops/index.js';
import { call, entry, type OpCase, type OpEntry } from './op-case.js';

type X = Tensor;
const { add, matmul, mul } = op;

/**
 * x made regular, whatever it is: its diagonal is well above the rest, and no two elements of it
 * are alike.
 */
function firm(x: X): X {
  const n = x.shape.at(-1) ?? 0;
  const row = arange(x.device, 0, n, 1, x.dtype);
  const diagonal = mul(op.equal(row, op.expandDims(row, 1)), add(mul(row, 0.7), n));
  return add(mul(x, 0.5), diagonal);
}
/** A batch of two. */
const two = (x: X): X => op.stack([firm(x), firm(mul(x, -0.5))]);
const onMatrix = (title: string, n: number, f: (x: X) => unknown): OpCase =>
  call(
    title,
    (m) => [m([n, n])],
    (x) => f(firm(x)),
  );
/** An entry that runs in main memory. */
const onHost = (name: string, cases: OpCase[]): OpEntry => ({ ...entry(name, cases), host: true });
/** The first two rows. */
const wide = (x: X): X => op.at(x, ['...', [0, 2], ':']);
/** What does not depend on the signs of vectors. */
const squares = (v: X): X => mul(v, v);

/** Linear algebra. */
export const linalg: readonly OpEntry[] = [
  onHost('solve', [
    call(
      'a batch of two',
      (m) => [m([2, 2]), m([2, 2])],
      (a, b) => op.solve(two(a), b),
    ),
  ]),
  onHost('triangularSolve', [
    call(
      'the upper triangle, transposed',
      (m) => [m([3, 3]), m([3, 2])],
      (a, b) => op.triangularSolve(firm(a), b, { lower: false, transposed: true }),
    ),
    call(
      'ones on the diagonal, a vector',
      (m) => [m([3, 3]), m([3])],
      (a, b) => op.triangularSolve(firm(a), b, { unit: true }),
    ),
  ]),
  onHost('cholesky', [onMatrix('[3,3]', 3, (a) => op.cholesky(a))]),
  onHost('inverse', [onMatrix('[2,2]', 2, (a) => op.inverse(a))]),
  onHost('determinant', [
    call(
      'a batch of two',
      (m) => [m([2, 2])],
      (x) => op.determinant(two(x)),
    ),
  ]),
  onHost('logDeterminant', [onMatrix('[3,3]', 3, (a) => op.logDeterminant(a))]),
  onHost('qr', [
    onMatrix('a wide matrix', 3, (a) => op.qr(wide(a))),
    onMatrix('a tall matrix', 3, (a) => op.qr(op.at(a, ['...', [0, 2]]))),
  ]),
  onHost('eigh', [
    onMatrix('[3,3]', 3, (a) => {
      const { values, vectors } = op.eigh(a);
      return [values, squares(vectors)];
    }),
  ]),
  onHost('svd', [
    onMatrix('a wide matrix', 3, (a) => {
      const { u, s, vt } = op.svd(wide(a));
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
