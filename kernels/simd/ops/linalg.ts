import { factorUpper } from '../doubles/cholesky';
import { copyMatrix, copyOut, lowerOf, symmetricUpper } from '../doubles/copy';
import { exchangeRows, factorPivoted } from '../doubles/lu';
import { product, PRODUCT_SCRATCH, SET } from '../doubles/product';
import { reflect, reflectScratch } from '../doubles/qr';
import { solveTriangle } from '../doubles/triangle';

// Matrices of doubles. A row or a column is so many bytes behind the one before it. What says
// `single` reads or writes float32 instead.

/** Bytes of the scratch memory of each kernel here, for matrices of `rows` rows. */
export function doublesScratch(rows: i32): i32 {
  return max(PRODUCT_SCRATCH, 64 + (rows << 6));
}

/** C = A B for C [m, n] and a depth of k. */
export function multiplyDoubles(
  c: usize,
  cRow: i32,
  a: usize,
  aRow: i32,
  aCol: i32,
  b: usize,
  bRow: i32,
  bCol: i32,
  m: i32,
  n: i32,
  k: i32,
  scratch: usize,
): void {
  product(c, cRow, a, aRow, aCol, b, bRow, bCol, m, n, k, SET, false, scratch);
}

/** Row-major doubles of a matrix [m, n]. */
export function readMatrix(to: usize, from: usize, row: i32, col: i32, m: i32, n: i32, single: bool): void {
  copyMatrix(to, from, row, col, m, n, single);
}

/** So many row-major doubles. */
export function writeMatrix(to: usize, from: usize, count: i32, single: bool): void {
  copyOut(to, from, count, single);
}

/**
 * L [n, n] of (A + A') / 2 = L L', row-major; false where that is not positive definite. `u` is
 * memory for [n, n].
 */
export function cholesky(
  l: usize,
  u: usize,
  from: usize,
  row: i32,
  col: i32,
  n: i32,
  single: bool,
  scratch: usize,
): bool {
  symmetricUpper(u, from, row, col, n, single);
  if (!factorUpper(u, n << 3, n, scratch)) return false;
  lowerOf(l, u, n, single);
  return true;
}

/** L and U of P A = L U in place of row-major A [n, n], as `factorPivoted` has them. */
export function factorLu(a: usize, n: i32, pivots: usize, scratch: usize): bool {
  return factorPivoted(a, n << 3, n, n, pivots, scratch);
}

/** A^-1 X in place of row-major X [n, m], with the factors of A that `factorLu` gave. */
export function solveFactored(a: usize, n: i32, pivots: usize, x: usize, m: i32, scratch: usize): void {
  const row = m << 3;
  exchangeRows(x, row, m, pivots, n);
  solveTriangle(a, n << 3, 8, true, true, x, row, n, m, scratch);
  solveTriangle(a, n << 3, 8, false, false, x, row, n, m, scratch);
}

/** True where one of n doubles, `step` bytes apart, is 0. */
export function hasZero(from: usize, step: i32, n: i32): bool {
  for (let i = 0; i < n; ++i, from += step) if (load<f64>(from) == 0) return true;
  return false;
}

/**
 * T^-1 X in place of row-major X [n, m]. Of T [n, n] the lower triangle counts where `forward`, else
 * the upper one, with ones on its diagonal where `unit`.
 */
export function substitute(
  t: usize,
  tRow: i32,
  tCol: i32,
  forward: bool,
  unit: bool,
  x: usize,
  n: i32,
  m: i32,
  scratch: usize,
): void {
  solveTriangle(t, tRow, tCol, forward, unit, x, m << 3, n, m, scratch);
}

/** Bytes of the memory `spare` of `qr`. */
export function qrScratch(n: i32): i32 {
  return reflectScratch(n);
}

/** Q [m, n] and R [n, n] of row-major A [m, n], which is overwritten. */
export function qr(a: usize, q: usize, r: usize, spare: usize, m: i32, n: i32, scratch: usize): void {
  reflect(a, q, r, spare, m, n, scratch);
}
