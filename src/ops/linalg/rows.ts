// Vectors are rows of a row-major matrix, so that rotations of two of them run through memory.

/** Eigenvalues in ascending order, and their vectors as rows. */
export interface Eigen {
  readonly values: Float64Array;
  readonly vectors: Float64Array;
}

/** Singular values in descending order, and the left and right vectors as rows. */
export interface Singular {
  readonly values: Float64Array;
  readonly left: Float64Array;
  readonly right: Float64Array;
}

/** The unit vectors; of `length` elements where they have more than n. */
export function identity(n: number, length = n): Float64Array {
  const rows = new Float64Array(n * length);
  for (let i = 0; i < n; i++) rows[i * length + i] = 1;
  return rows;
}

/** Rotates rows p and q of n numbers: [c p - s q, s p + c q]. */
export function rotate(x: Float64Array, n: number, p: number, q: number, c: number, s: number): void {
  for (let k = 0, i = p * n, j = q * n; k < n; k++, i++, j++) {
    const [u, v] = [x[i]!, x[j]!];
    x[i] = c * u - s * v;
    x[j] = s * u + c * v;
  }
}

/** Rows of a matrix in another order. */
export function picked(x: Float64Array, length: number, order: readonly number[]): Float64Array {
  const y = new Float64Array(order.length * length);
  order.forEach((from, i) => {
    y.set(x.subarray(from * length, (from + 1) * length), i * length);
  });
  return y;
}

/** Eigenvalues and their rows in ascending order. */
export function inOrder(values: Float64Array, rows: Float64Array): Eigen {
  const order = [...values.keys()].sort((i, j) => values[i]! - values[j]!);
  return { values: Float64Array.from(order, (i) => values[i]!), vectors: picked(rows, values.length, order) };
}

/**
 * Divides by the power of two below the largest element, which it returns, so that squares are
 * numbers; 1 where all are 0, or one is no number.
 */
export function scaled(x: Float64Array): number {
  let most = 0;
  for (const v of x) most = Math.max(most, Math.abs(v));
  const unit = most > 0 && most < Infinity ? 2 ** Math.floor(Math.log2(most)) : 1;
  for (let i = 0; i < x.length; i++) x[i]! /= unit;
  return unit;
}
