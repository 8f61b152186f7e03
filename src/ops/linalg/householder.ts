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
    const { first, scale } = reflection(a, at, m - j);
    scales[j] = scale;
    for (let k = j + 1; k < n; k++) reflect(a, at, scale, a, k * m + j, m - j);
    r[j * n + j] = first;
    for (let k = j + 1; k < n; k++) r[j * n + k] = a[k * m + j]!;
  }
  const q = new Float64Array(n * m);
  for (let j = n - 1; j >= 0; j--) {
    q[j * m + j] = 1;
    for (let k = j; k < n; k++) reflect(a, j * m + j, scales[j]!, q, k * m + j, m - j);
  }
  return { q, r };
}

/**
 * The reflection 1 - scale v v' that makes all but the first of `length` numbers of a zero. v takes
 * their place; scale is 0 where they are zero already.
 */
export function reflection(a: Float64Array, at: number, length: number): { first: number; scale: number } {
  const first = a[at]!;
  const below = Math.hypot(...a.subarray(at + 1, at + length));
  if (below === 0) return { first, scale: 0 };
  const made = (first > 0 ? -1 : 1) * Math.hypot(first, below);
  // v is divided by its size, so that no square of it overflows or is lost.
  for (let i = at + 1; i < at + length; i++) a[i]! /= made;
  a[at] = first / made - 1;
  return { first: made, scale: -1 / a[at] };
}

/** Reflects `length` numbers of b by the vector in a: b - scale (a'b) a. */
export function reflect(
  a: Float64Array,
  at: number,
  scale: number,
  b: Float64Array,
  from: number,
  length: number,
): void {
  if (scale === 0) return;
  const factor = scale * dotOf(a, at, b, from, length);
  if (factor !== 0) for (let i = 0; i < length; i++) b[from + i]! -= factor * a[at + i]!;
}
