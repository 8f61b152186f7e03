import type { Buffer } from '../../../core/dtype.js';

/**
 * A matrix product in plain typed arrays. Operands are packed into panels of 4 rows (of A) or 3
 * columns (of B) in double precision, so that the inner loop reads in order, converts nothing, and
 * keeps a 4x3 block of C in the 16 registers there are.
 */
export const ROWS = 4;
export const COLUMNS = 3;

/** Zeroed panels, `lanes` wide, for `count` rows or columns over a depth of `k`. */
export const panels = (count: number, lanes: number, k: number): Float64Array =>
  new Float64Array(Math.ceil(count / lanes) * lanes * k);

/**
 * Packs `count` vectors of `k` elements, `step` apart, whose elements are `along` apart, into
 * panels `lanes` wide.
 */
export function pack(
  out: Float64Array,
  lanes: number,
  data: Buffer,
  offset: number,
  count: number,
  step: number,
  k: number,
  along: number,
): void {
  for (let i = 0; i < count; i++) {
    let to = Math.floor(i / lanes) * lanes * k + (i % lanes);
    let from = offset + i * step;
    for (let p = 0; p < k; p++, to += lanes, from += along) out[to] = data[from]!;
  }
}

/** C[m,n] (row-major, added to what it holds) = A panels times B panels over a depth of `k`. */
export function multiplyPanels(
  c: Float64Array,
  m: number,
  n: number,
  k: number,
  a: Float64Array,
  b: Float64Array,
): void {
  for (let i = 0; i < m; i += STRIP) {
    const end = Math.min(m, i + STRIP);
    for (let j = 0; j < n; j += COLUMNS) for (let row = i; row < end; row += ROWS) block(c, row, j, m, n, k, a, b);
  }
}
/**
 * Rows of A whose panels, at a depth of 256, stay in the second-level cache while all of B passes
 * by.
 */
const STRIP = 64;

// Sums of int32 are taken with | 0, which spares the engine a check for overflow at each load.
function block(
  c: Float64Array,
  row: number,
  column: number,
  m: number,
  n: number,
  k: number,
  a: Float64Array,
  b: Float64Array,
): void {
  let c00 = 0,
    c01 = 0,
    c02 = 0,
    c10 = 0,
    c11 = 0,
    c12 = 0,
    c20 = 0,
    c21 = 0,
    c22 = 0,
    c30 = 0,
    c31 = 0,
    c32 = 0;
  let i = row * k,
    j = column * k;
  for (const end = i + ROWS * k; i < end; i = (i + ROWS) | 0, j = (j + COLUMNS) | 0) {
    const b0 = b[j]!,
      b1 = b[(j + 1) | 0]!,
      b2 = b[(j + 2) | 0]!;
    let v = a[i]!;
    c00 += v * b0;
    c01 += v * b1;
    c02 += v * b2;
    v = a[(i + 1) | 0]!;
    c10 += v * b0;
    c11 += v * b1;
    c12 += v * b2;
    v = a[(i + 2) | 0]!;
    c20 += v * b0;
    c21 += v * b1;
    c22 += v * b2;
    v = a[(i + 3) | 0]!;
    c30 += v * b0;
    c31 += v * b1;
    c32 += v * b2;
  }
  const columns = n - column,
    at = row * n + column;
  addRow(c, at, columns, c00, c01, c02);
  if (row + 1 < m) addRow(c, at + n, columns, c10, c11, c12);
  if (row + 2 < m) addRow(c, at + 2 * n, columns, c20, c21, c22);
  if (row + 3 < m) addRow(c, at + 3 * n, columns, c30, c31, c32);
}

function addRow(c: Float64Array, at: number, columns: number, v0: number, v1: number, v2: number): void {
  c[at]! += v0;
  if (columns > 1) c[at + 1]! += v1;
  if (columns > 2) c[at + 2]! += v2;
}
