import { dotOf } from './products.js';

/**
 * Q and R of a matrix [m, n] with m >= n that is given by its columns, a [n, m], which are
 * overwritten: Q by its columns too, R [n, n] row-major. By Householder's reflections (Golub and
 * Van Loan, 5.2.1). Diagonal elements of R have the sign opposite to that of their column's first
 * element, as in LAPACK.
 */
export function reflected(a: Float64Array, m: number, n: number): { q: Float64Array; r: Float64Array } {
  const scales = new Float64Array(n); // 2 / |v|^2 of each reflection 1 - scale v v', v from the diagonal on in a
  const r = new Float64Array(n * n);
  for (let j = 0; j < n; j++) {
    const at = j * m + j;
    const below = Math.hypot(...a.subarray(at + 1, (j + 1) * m));
    const first = a[at]!;
    const diagonal = below === 0 ? first : (first > 0 ? -1 : 1) * Math.hypot(first, below);
    if (below !== 0) {
      a[at] = first - diagonal;
      scales[j] = 1 / (diagonal * (diagonal - first));
      for (let k = j + 1; k < n; k++) reflect(a, at, scales[j]!, a, k * m + j, m - j);
    }
    r[j * n + j] = diagonal;
    for (let k = j + 1; k < n; k++) r[j * n + k] = a[k * m + j]!;
  }
  const q = new Float64Array(n * m);
  for (let j = n - 1; j >= 0; j--) {
    q[j * m + j] = 1;
    for (let k = j; k < n; k++) reflect(a, j * m + j, scales[j]!, q, k * m + j, m - j);
  }
  return { q, r };
}

/** Reflects `length` numbers of b by the vector in a. */
function reflect(a: Float64Array, at: number, scale: number, b: Float64Array, from: number, length: number): void {
  const factor = scale * dotOf(a, at, b, from, length);
  if (factor !== 0) for (let i = 0; i < length; i++) b[from + i]! -= factor * a[at + i]!;
}
