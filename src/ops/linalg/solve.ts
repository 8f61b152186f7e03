import { flag } from '../../core/check.js';
import { defineMultiOp, defineOp, sameFloat, type One, type Op, type Two } from '../../core/op.js';
import { singular } from '../../core/matrices.js';
import { checkOptions } from '../../core/options.js';
import type { Tensor } from '../../core/tensor.js';
import { broadcastTo } from '../broadcast.js';
import { eye, zerosLike } from '../create.js';
import { mul, neg } from '../elementwise.js';
import { matmul } from '../matmul.js';
import { expandDims } from '../movement.js';
import { batchesOf, checkSquare, matrixAt, onSystem, swap, leadingBatch } from './batch.js';
import { factorLu, substitute, type Triangle } from './factor.js';
import { tril, triu } from './triangles.js';

/** Attributes of an op that several functions call. */
export interface Named {
  /** The function that its errors name. */
  readonly who: string;
}

const solveOp: Op<Two, Named> = defineOp<Two, Named>({
  name: 'solve',
  shape: ([, b]) => b,
  dtype: (dtypes) => sameFloat('solve', dtypes),
  ref: (out, [a, b], { who }) => {
    const [n, m] = b.shape.slice(-2) as [number, number];
    for (let k = 0; k < batchesOf(b.shape); k++) {
      const factors = matrixAt(a, k);
      const { order, regular } = factorLu(factors, n);
      if (!regular) throw singular(who, a.shape, k);
      const given = matrixAt(b, k);
      const x = new Float64Array(n * m);
      order.forEach((from, i) => {
        x.set(given.subarray(from * m, (from + 1) * m), i * m);
      });
      substitute(factors, n, x, m, { lower: true, transposed: false, unit: true });
      substitute(factors, n, x, m, { lower: false, transposed: false, unit: false });
      out.data.set(x, k * n * m);
    }
  },
  batch: leadingBatch,
  // With y = A'^-1 g: y for b, and -y x' for A.
  traits: { mayFail: true },
  vjp: [
    (g, [a], attrs, x) => neg(matmul(solveOp([swap(a), g], attrs), swap(x))),
    (g, [a], attrs) => solveOp([swap(a), g], attrs),
  ],
});

/**
 * The solution x of A x = b, for square matrices A [..., n, n] and right sides b [..., n, m], or a
 * vector b [n]; leading axes broadcast. By LU factors with pivots. Throws a RangeError that names
 * the matrix of the batch where a pivot is 0.
 * @example
 * solve(tensor([[2, 0], [1, 1]]), tensor([2, 3])); // float32[2] on cpu [1, 2]
 */
export const solve = (a: Tensor, b: Tensor): Tensor =>
  onSystem('solve', a, b, (x, y) => solveOp([x, y], { who: 'solve' }));

/** A^-1 of square matrices, for a function that errors name. */
const inverseOf = (who: string, a: Tensor): Tensor =>
  solveOp([a, broadcastTo(eye(a.device, a.shape.at(-1)!, a.dtype), a.shape)], { who });

/**
 * The inverse of square matrices [..., n, n]. Throws a RangeError that names the matrix of the
 * batch where one has none. `solve` is faster and more exact where a product with it is wanted.
 * @example
 * inverse(tensor([[2, 0], [0, 4]])); // float32[2,2] on cpu [[0.5, 0], [0, 0.25]]
 */
export const inverse = (a: Tensor): Tensor => inverseOf('inverse', checkSquare('inverse', a));

const overMatrix = (x: Tensor): Tensor => expandDims(expandDims(x, -1), -1);

const determinantOp: Op<One, null> = defineOp<One, null>({
  name: 'determinant',
  shape: ([a]) => a.slice(0, -2),
  ref: (out, [a]) => {
    const n = a.shape.at(-1)!;
    for (let k = 0; k < out.data.length; k++) {
      const factors = matrixAt(a, k);
      let product = factorLu(factors, n).sign;
      for (let i = 0; i < n; i++) product *= factors[i * n + i]!;
      out.data[k] = product;
    }
  },
  batch: leadingBatch,
  vjp: [(g, [a], _, out) => mul(overMatrix(mul(g, out)), swap(inverseOf('determinant', a)))],
});
/**
 * The determinants of square matrices [..., n, n]. The derivative is det A times the inverse of A';
 * so it is refused where a matrix is singular.
 * @example
 * determinant(tensor([[1, 2], [3, 4]])); // float32[] on cpu -2
 */
export const determinant = (a: Tensor): Tensor => determinantOp([checkSquare('determinant', a)], null);

const logDeterminantOp = defineMultiOp<One, null>({
  name: 'logDeterminant',
  infer: ([{ shape, dtype }]) => {
    const each = { shape: shape.slice(0, -2), dtype };
    return [each, each];
  },
  ref: ([signs, logs], [a]) => {
    const n = a.shape.at(-1)!;
    for (let k = 0; k < signs!.data.length; k++) {
      const factors = matrixAt(a, k);
      let { sign } = factorLu(factors, n);
      let log = 0;
      for (let i = 0; i < n; i++) {
        sign *= Math.sign(factors[i * n + i]!);
        log += Math.log(Math.abs(factors[i * n + i]!));
      }
      signs!.data[k] = sign;
      logs!.data[k] = log;
    }
  },
  batch: leadingBatch,
  vjp: [([, g], [a]) => (g ? mul(overMatrix(g), swap(inverseOf('logDeterminant', a))) : zerosLike(a))],
});

/** A determinant as its sign and the logarithm of its size. */
export interface LogDeterminant {
  /** -1, 0 or 1. */
  readonly sign: Tensor;
  /** log |det A|, -Infinity of singular matrices. */
  readonly logAbs: Tensor;
}

/**
 * The sign of the determinants of square matrices [..., n, n], and the logarithm of their size,
 * which overflows much later. The derivative of the logarithm is the inverse of A'.
 * @example
 * logDeterminant(tensor([[0, 1], [1, 0]])).sign; // float32[] on cpu -1
 */
export function logDeterminant(a: Tensor): LogDeterminant {
  const [sign, logAbs] = logDeterminantOp([checkSquare('logDeterminant', a)], null);
  return { sign: sign!, logAbs: logAbs! };
}

const triangularOp: Op<Two, Triangle> = defineOp<Two, Triangle>({
  name: 'triangularSolve',
  shape: ([, b]) => b,
  dtype: (dtypes) => sameFloat('triangularSolve', dtypes),
  ref: (out, [a, b], attrs) => {
    const [n, m] = b.shape.slice(-2) as [number, number];
    for (let k = 0; k < batchesOf(b.shape); k++) {
      const [factors, x] = [matrixAt(a, k), matrixAt(b, k)];
      if (!attrs.unit)
        for (let i = 0; i < n; i++) if (factors[i * n + i] === 0) throw singular('triangularSolve', a.shape, k);
      substitute(factors, n, x, m, attrs);
      out.data.set(x, k * n * m);
    }
  },
  batch: leadingBatch,
  traits: { mayFail: true },
  vjp: [
    (g, [a], attrs, x) => {
      const y = triangularOp([a, g], { ...attrs, transposed: !attrs.transposed });
      const product = attrs.transposed ? matmul(x, swap(y)) : matmul(y, swap(x));
      const offset = attrs.unit ? 1 : 0;
      return neg(attrs.lower ? tril(product, -offset) : triu(product, offset));
    },
    (g, [a], attrs) => triangularOp([a, g], { ...attrs, transposed: !attrs.transposed }),
  ],
});

/** Which system `triangularSolve` solves. */
export interface TriangularOptions {
  /** Whether the lower triangle of A counts, and not the upper one; true by default. */
  readonly lower?: boolean;
  /** Whether to solve A' x = b instead; false by default. */
  readonly transposed?: boolean;
  /** Whether the diagonal is taken for ones, and not read; false by default. */
  readonly unit?: boolean;
}

/**
 * The solution x of A x = b, where only one triangle of A [..., n, n] counts; b and leading axes
 * are as in `solve`. Throws a RangeError that names the matrix of the batch with a 0 on its
 * diagonal.
 * @example
 * triangularSolve(tensor([[2, 0], [1, 1]]), tensor([2, 3])); // float32[2] on cpu [1, 2]
 */
export function triangularSolve(a: Tensor, b: Tensor, options: TriangularOptions = {}): Tensor {
  const checks = { lower: flag, transposed: flag, unit: flag };
  const { lower = true, transposed = false, unit = false } = checkOptions('triangularSolve', options, checks);
  return onSystem('triangularSolve', a, b, (x, y) => triangularOp([x, y], { lower, transposed, unit }));
}

/** `triangularSolve` of matrices that are known to fit. */
export const solveTriangle = (a: Tensor, b: Tensor, lower: boolean, transposed = false): Tensor =>
  triangularOp([a, b], { lower, transposed, unit: false });
