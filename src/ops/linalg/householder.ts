/**
 * Q [m, n] and R [n, n] of the row-major matrix a [m, n] with m >= n, by Householder's reflections
 * (Golub and Van Loan, 5.2.1); a is overwritten. Diagonal elements of R have the sign opposite to
 * that of their column's first element, as in LAPACK.
 */
export function reflected(a: Float64Array, m: number, n: number): { q: Float64Array; r: Float64Array } {
  const scales = new Float64Array(n); // 2 / |v|^2 of each reflection 1 - scale v v', v below the diagonal of a
  const r = new Float64Array(n * n);
  for (let j = 0; j < n; j++) {
    let below = 0;
    for (let i = j + 1; i < m; i++) below = Math.hypot(below, a[i * n + j]!);
    const first = a[j * n + j]!;
    const diagonal = below === 0 ? first : (first > 0 ? -1 : 1) * Math.hypot(first, below);
    if (below !== 0) {
      a[j * n + j] = first - diagonal;
      scales[j] = 1 / (diagonal * (diagonal - first));
      for (let k = j + 1; k < n; k++) reflect(a, n, j, scales[j]!, a, k, m, n);
    }
    r[j * n + j] = diagonal;
    for (let k = j + 1; k < n; k++) r[j * n + k] = a[j * n + k]!;
  }
  const q = new Float64Array(m * n);
  for (let j = n - 1; j >= 0; j--) {
    q[j * n + j] = 1;
    for (let k = j; k < n; k++) if (scales[j] !== 0) reflect(a, n, j, scales[j]!, q, k, m, n);
  }
  return { q, r };
}

/** Reflects column k of b by the vector in column j of a. */
function reflect(
  a: Float64Array,
  stride: number,
  j: number,
  scale: number,
  b: Float64Array,
  k: number,
  m: number,
  n: number,
): void {
  let product = 0;
  for (let i = j; i < m; i++) product += a[i * stride + j]! * b[i * n + k]!;
  for (let i = j; i < m; i++) b[i * n + k]! -= scale * product * a[i * stride + j]!;
}
