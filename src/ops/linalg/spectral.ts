import { defineMultiOp, sameFloat, type One } from '../../core/op.js';
import type { Tensor } from '../../core/tensor.js';
import { zerosLike } from '../create.js';
import { add, div, equal, mul, square, sub, where } from '../elementwise.js';
import { matmul } from '../matmul.js';
import { expandDims } from '../movement.js';
import { batchesOf, checkMatrices, checkSquare, matrixAt, swap, turnedOver, leadingBatch } from './batch.js';
import { symmetric } from './cholesky.js';
import { eigenByRotations, singularByRotations } from './jacobi.js';
import { eigenByQl } from './tridiagonal.js';
import { singularByQr } from './bidiagonal.js';
import type { Eigen as Rows, Singular } from './rows.js';
import { diagonalMatrix } from './triangles.js';

/** Up to this size Jacobi's rotations take no longer, and have more digits of small values. */
const MOST_ROTATED = 24;

const areFinite = (x: Float64Array): boolean => x.every(Number.isFinite);
const nans = (length: number): Float64Array => new Float64Array(length).fill(NaN);

function eigenOf(a: Float64Array, n: number): Rows {
  if (!areFinite(a)) return { values: nans(n), vectors: nans(n * n) };
  return (n > MOST_ROTATED ? eigenByQl : eigenByRotations)(a, n);
}

function singularOf(x: Float64Array, n: number, m: number): Singular {
  if (!areFinite(x)) return { values: nans(n), left: nans(n * m), right: nans(n * n) };
  return (n > MOST_ROTATED ? singularByQr : singularByRotations)(x, n, m);
}

/** 1 / (v_j - v_i), and 0 where both are equal, as on the diagonal. */
function inverseGaps(values: Tensor): Tensor {
  const gaps = sub(expandDims(values, -2), expandDims(values, -1));
  const tied = equal(gaps, 0);
  return where(tied, 0, div(1, where(tied, 1, gaps)));
}

/** Columns scaled by numbers. */
const columns = (x: Tensor, by: Tensor): Tensor => mul(x, expandDims(by, -2));
const sumOf = (parts: readonly (Tensor | null | undefined)[], otherwise: Tensor): Tensor =>
  parts.filter((x) => x != null).reduce<Tensor | null>((x, y) => (x ? add(x, y) : y), null) ?? zerosLike(otherwise);

const eighOp = defineMultiOp<One, null>({
  name: 'eigh',
  infer: ([{ shape, dtype }]) => {
    sameFloat('eigh', [dtype]);
    return [
      { shape: shape.slice(0, -1), dtype },
      { shape, dtype },
    ];
  },
  ref: ([values, vectors], [a]) => {
    const n = a.shape.at(-1)!;
    for (let k = 0; k < batchesOf(a.shape); k++) {
      const found = eigenOf(matrixAt(a, k), n);
      values!.data.set(found.values, k * n);
      vectors!.data.set(turnedOver(found.vectors, n, n), k * n * n);
    }
  },
  batch: leadingBatch,
  // V (diag(values~) + F o V' V~) V', with F the inverse gaps.
  vjp: [
    ([gValues, gVectors], [a], _, [values, v]) => {
      const inner = sumOf(
        [gValues && diagonalMatrix(gValues), gVectors && mul(inverseGaps(values!), matmul(swap(v!), gVectors))],
        a,
      );
      return matmul(matmul(v!, inner), swap(v!));
    },
  ],
});

/** Eigenvalues and eigenvectors. */
export interface Eigen {
  /** In ascending order, [..., n]. */
  readonly values: Tensor;
  /** Orthonormal columns, [..., n, n]; their signs are not determined. */
  readonly vectors: Tensor;
}

/**
 * The eigenvalues and eigenvectors of symmetric matrices A [..., n, n]; of others, those of
 * (A + A') / 2. By Jacobi's rotations up to n = 24, then by QL steps. All are NaN for a matrix with
 * NaN or an infinity. Where eigenvalues are equal their vectors are not determined: then a
 * derivative holds for functions that do not depend on the choice, such as their sum.
 * @example
 * eigh(tensor([[2, 1], [1, 2]])).values; // float32[2] on cpu [1, 3]
 */
export function eigh(a: Tensor): Eigen {
  const [values, vectors] = eighOp([symmetric(checkSquare('eigh', a))], null);
  return { values: values!, vectors: vectors! };
}

/** Of matrices with at least as many rows as columns. */
const svdOp = defineMultiOp<One, null>({
  name: 'svd',
  infer: ([{ shape, dtype }]) => {
    const [lead, n] = [shape.slice(0, -2), shape.at(-1)!];
    sameFloat('svd', [dtype]);
    return [
      { shape, dtype },
      { shape: [...lead, n], dtype },
      { shape: [...lead, n, n], dtype },
    ];
  },
  ref: ([u, s, vt], [a]) => {
    const [m, n] = a.shape.slice(-2) as [number, number];
    for (let k = 0; k < batchesOf(a.shape); k++) {
      const { values, left, right } = singularOf(turnedOver(matrixAt(a, k), m, n), n, m);
      s!.data.set(values, k * n);
      vt!.data.set(right, k * n * n);
      u!.data.set(turnedOver(left, n, m), k * m * n);
    }
  },
  batch: leadingBatch,
  // With E the inverse gaps of s^2 and J = E o U' U~, K = E o V' V~ (Townsend 2016):
  // U ((J + J') s + s (K + K') + diag(s~)) V' + (1 - U U') U~ s^-1 V'
  vjp: [
    ([gu, gs, gvt], [a], _, outs) => {
      const [u, s, vt] = outs as [Tensor, Tensor, Tensor];
      const gaps = inverseGaps(square(s));
      const paired = (x: Tensor): Tensor => {
        const j = mul(gaps, x);
        return add(j, swap(j));
      };
      const ofU = gu && matmul(swap(u), gu);
      const ofV = gvt && matmul(vt, swap(gvt));
      const inner = sumOf(
        [gs && diagonalMatrix(gs), ofU && columns(paired(ofU), s), ofV && mul(paired(ofV), expandDims(s, -1))],
        vt,
      );
      const outside = gu && ofU && columns(sub(gu, matmul(u, ofU)), div(1, s));
      const rows = matmul(matmul(u, inner), vt);
      return a.shape.at(-2) === a.shape.at(-1) || !outside ? rows : add(rows, matmul(outside, vt));
    },
  ],
});

/** A = U diag(s) V'. */
export interface Svd {
  /** Orthonormal columns, [..., m, k] with k the smaller of m and n. */
  readonly u: Tensor;
  /** Singular values in descending order, [..., k]. */
  readonly s: Tensor;
  /** Orthonormal rows V', [..., k, n]. */
  readonly vt: Tensor;
}

/**
 * The singular values and vectors of matrices [..., m, n], by Jacobi's one-sided rotations, and
 * by QR steps for more than 24 values. All are NaN for a matrix with NaN or an infinity. Where
 * singular values are equal their vectors are not determined: then a derivative holds for functions
 * that do not depend on the choice. Derivatives of the vectors of a matrix that is not square need
 * singular values other than 0.
 * @example
 * svd(tensor([[3, 0], [0, 4]])).s; // float32[2] on cpu [4, 3]
 */
export function svd(a: Tensor): Svd {
  const [m, n] = checkMatrices('svd', a).shape.slice(-2) as [number, number];
  if (m < n) {
    const { u, s, vt } = svd(swap(a));
    return { u: swap(vt), s, vt: swap(u) };
  }
  const [u, s, vt] = svdOp([a], null);
  return { u: u!, s: s!, vt: vt! };
}
