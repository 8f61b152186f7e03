import { dotOf, subtractProducts, subtractRows, type Block } from './products.js';

/** Columns that are factored before the rest of the matrix hears of them. */
const BLOCK = 32;

/**
 * Cholesky's factor L of A = L L' in place of the lower triangle of the row-major matrix a [n, n],
 * block by block (Golub and Van Loan, 4.2.9). False where a pivot is not above 0.
 */
export function factorCholesky(a: Float64Array, n: number): boolean {
  for (let from = 0; from < n; from += BLOCK) {
    const to = Math.min(n, from + BLOCK);
    for (let i = from; i < n; i++)
      for (let j = from; j < Math.min(i + 1, to); j++) {
        const rest = a[i * n + j]! - dotOf(a, i * n + from, a, j * n + from, j - from);
        if (i > j) a[i * n + j] = rest / a[j * n + j]!;
        else if (rest > 0) a[i * n + j] = Math.sqrt(rest);
        else return false;
      }
    const block = (row: number, column: number): Block => ({ data: a, at: row * n + column, row: n });
    for (let row = to; row < n; row += BLOCK) {
      const end = Math.min(n, row + BLOCK);
      subtractProducts(block(row, to), block(row, from), block(to, from), end - row, end - to, to - from);
    }
  }
  return true;
}

/** How a matrix was factored: P A = L U, with the order of its rows and the sign of that order. */
export interface Factored {
  readonly order: Int32Array;
  readonly sign: number;
  /** False where a pivot is 0. */
  readonly regular: boolean;
}

/**
 * L and U of P A = L U in place of the row-major matrix a [n, n], with the largest pivot of each
 * column (Golub and Van Loan, 3.4.1). L has ones on its diagonal, which are not written.
 */
export function factorLu(a: Float64Array, n: number): Factored {
  const order = Int32Array.from({ length: n }, (_, i) => i);
  const turned = new Float64Array(BLOCK * n);
  let [sign, regular] = [1, true];
  for (let from = 0; from < n; from += BLOCK) {
    const to = Math.min(n, from + BLOCK);
    for (let j = from; j < to; j++) {
      const pivot = largestBelow(a, n, j);
      if (pivot !== j) {
        exchange(a, n, order, pivot, j);
        sign = -sign;
      }
      if (a[j * n + j] === 0) regular = false;
      else eliminate(a, n, j, to);
    }
    finishRows(a, n, from, to);
    for (let j = to; j < n; j++) for (let p = from; p < to; p++) turned[(j - to) * BLOCK + p - from] = a[p * n + j]!;
    const block = (row: number, column: number): Block => ({ data: a, at: row * n + column, row: n });
    subtractProducts(block(to, to), block(to, from), { data: turned, at: 0, row: BLOCK }, n - to, n - to, to - from);
  }
  return { order, sign, regular };
}

/** The row from j on with the largest element in column j. */
function largestBelow(a: Float64Array, n: number, j: number): number {
  let best = j;
  for (let i = j + 1; i < n; i++) if (Math.abs(a[i * n + j]!) > Math.abs(a[best * n + j]!)) best = i;
  return best;
}

function exchange(a: Float64Array, n: number, order: Int32Array, i: number, j: number): void {
  [order[i], order[j]] = [order[j]!, order[i]!];
  const row = a.slice(i * n, (i + 1) * n);
  a.copyWithin(i * n, j * n, (j + 1) * n);
  a.set(row, j * n);
}

/** Takes row j from those below it, in the columns of its block. */
function eliminate(a: Float64Array, n: number, j: number, to: number): void {
  for (let i = j + 1; i < n; i++) {
    const factor = a[i * n + j]! / a[j * n + j]!;
    a[i * n + j] = factor;
    const [here, there] = [i * n, j * n];
    for (let k = j + 1; k < to; k++) a[here + k]! -= factor * a[there + k]!;
  }
}

/** The rows of a block of U, beyond the block. */
function finishRows(a: Float64Array, n: number, from: number, to: number): void {
  for (let i = from + 1; i < to; i++)
    for (let p = from; p < i; p++) {
      const factor = a[i * n + p]!;
      for (let k = to; k < n; k++) a[i * n + k]! -= factor * a[p * n + k]!;
    }
}

/** Which triangle of a matrix counts, and how. */
export interface Triangle {
  readonly lower: boolean;
  /** Whether the transposed matrix counts. */
  readonly transposed: boolean;
  /** Whether its diagonal is taken for ones. */
  readonly unit: boolean;
}

/** Solves a triangular system T x = b in place of b [n, m], with the triangle of a [n, n]. */
export function substitute(
  a: Float64Array,
  n: number,
  b: Float64Array,
  m: number,
  { lower, transposed, unit }: Triangle,
): void {
  const forward = lower !== transposed;
  const factors = new Float64Array(n);
  for (let step = 0; step < n; step++) {
    const i = forward ? step : n - 1 - step;
    const [from, to] = forward ? [0, i] : [i + 1, n];
    for (let p = from; p < to; p++) factors[p] = transposed ? a[p * n + i]! : a[i * n + p]!;
    if (m === 1) b[i]! -= dotOf(factors, from, b, from, to - from);
    else subtractRows(b, m, i, factors, from, to);
    if (!unit) for (let k = 0; k < m; k++) b[i * m + k]! /= a[i * n + i]!;
  }
}
