import { identity, inOrder, picked, rotate, scaled, type Eigen, type Singular } from './rows.js';

/** Sweeps until nothing is left to rotate; 6 to 10 are usual. */
const MOST_SWEEPS = 60;
const EPSILON = 2 ** -52;

/**
 * The tangent of the angle that makes the element b between the diagonal elements a and d zero
 * (Golub and Van Loan, 8.5.2): the smaller of two, at most 1.
 */
function tangent(a: number, b: number, d: number): number {
  const t = (d - a) / (2 * b);
  return (t >= 0 ? 1 : -1) / (Math.abs(t) + Math.hypot(1, t));
}

/**
 * Eigenvalues in ascending order, and eigenvectors as rows, of the symmetric row-major matrix a [n,
 * n], by Jacobi's rotations; a is overwritten.
 */
export function eigenByRotations(a: Float64Array, n: number): Eigen {
  const unit = scaled(a);
  const rows = identity(n);
  for (let sweep = 0, turned = true; turned && sweep < MOST_SWEEPS; sweep++) {
    turned = false;
    for (let p = 0; p < n; p++)
      for (let q = p + 1; q < n; q++) {
        const b = a[p * n + q]!;
        const limit = Math.sqrt(Math.abs(a[p * n + p]! * a[q * n + q]!)) * EPSILON;
        if (!(Math.abs(b) > limit) || Math.abs(b) < 1e-300) continue;
        turned = true;
        const t = tangent(a[p * n + p]!, b, a[q * n + q]!);
        const c = 1 / Math.hypot(1, t);
        rotate(a, n, p, q, c, t * c);
        for (let k = 0; k < n; k++) {
          const [u, v] = [a[k * n + p]!, a[k * n + q]!];
          a[k * n + p] = c * u - t * c * v;
          a[k * n + q] = t * c * u + c * v;
        }
        a[p * n + q] = a[q * n + p] = 0;
        rotate(rows, n, p, q, c, t * c);
      }
  }
  const diagonal = Float64Array.from({ length: n }, (_, i) => a[i * n + i]! * unit);
  return inOrder(diagonal, rows);
}

/**
 * Singular values in descending order, and the left and right vectors as rows, of n rows of m
 * numbers with n <= m, by one-sided rotations (Hestenes 1958); x is overwritten.
 */
export function singularByRotations(x: Float64Array, n: number, m: number): Singular {
  const unit = scaled(x);
  const rows = identity(n);
  for (let sweep = 0, turned = true; turned && sweep < MOST_SWEEPS; sweep++) {
    turned = false;
    for (let p = 0; p < n; p++)
      for (let q = p + 1; q < n; q++) {
        let [a, b, d] = [0, 0, 0];
        for (let k = 0; k < m; k++) {
          const [u, v] = [x[p * m + k]!, x[q * m + k]!];
          a += u * u;
          b += u * v;
          d += v * v;
        }
        if (!(Math.abs(b) > Math.sqrt(a * d) * EPSILON * 4) || Math.abs(b) < 1e-300) continue;
        turned = true;
        const t = tangent(a, b, d);
        const c = 1 / Math.hypot(1, t);
        rotate(x, m, p, q, c, t * c);
        rotate(rows, n, p, q, c, t * c);
      }
  }
  const sizes = Float64Array.from({ length: n }, (_, i) => Math.hypot(...x.subarray(i * m, (i + 1) * m)));
  const order = [...sizes.keys()].sort((i, j) => sizes[j]! - sizes[i]!);
  const values = Float64Array.from(order, (i) => sizes[i]!);
  const left = picked(x, m, order);
  values.forEach((size, i) => {
    normalize(left, m, i, size > values[0]! * EPSILON * m ? size : 0);
  });
  return { values: values.map((v) => v * unit), left, right: picked(rows, n, order) };
}

/** Makes row i of length 1; of no size, a row that is orthogonal to those before it. */
function normalize(x: Float64Array, m: number, i: number, size: number): void {
  const row = x.subarray(i * m, (i + 1) * m);
  for (let axis = 0; size === 0 && axis < m; axis++) {
    row.fill(0);
    row[axis] = 1;
    for (let again = 0; again < 2; again++)
      // once more for the digits that the first time loses
      for (let j = 0; j < i; j++) {
        const other = x.subarray(j * m, (j + 1) * m);
        const product = row.reduce((sum, v, k) => sum + v * other[k]!, 0);
        for (let k = 0; k < m; k++) row[k]! -= product * other[k]!;
      }
    const left = Math.hypot(...row);
    if (left > 0.5 / Math.sqrt(m)) size = left;
  }
  for (let k = 0; k < m; k++) row[k]! /= size;
}
