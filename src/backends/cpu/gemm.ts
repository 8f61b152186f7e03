import type { Buffer } from '../../core/dtype.js';

/**
 * A blocked matrix product in plain typed arrays. Operands are packed into panels of 4 rows (of A) or 4 columns (of B) in double
 * precision, so that the inner loop reads in order, converts nothing, and keeps a 4x4 block of C in registers.
 */
export const LANES = 4;

/** Length of the panels of `count` rows or columns over a depth of `k`. */
export const panelSize = (count: number, k: number): number => Math.ceil(count / LANES) * LANES * k;

/** Packs `count` vectors of `k` elements, `step` apart, whose elements are `along` apart, into `panels`. */
export function pack(
  panels: Float64Array,
  data: Buffer,
  offset: number,
  count: number,
  step: number,
  k: number,
  along: number,
): void {
  for (let i = 0; i < count; i++) {
    let to = Math.floor(i / LANES) * LANES * k + (i % LANES);
    let from = offset + i * step;
    for (let p = 0; p < k; p++, to += LANES, from += along) panels[to] = data[from]!;
  }
}

/** C[m,n] (row-major at `offset`, added to what it holds) = A panels times B panels over a depth of `k`. */
export function multiplyPanels(
  c: Buffer,
  offset: number,
  m: number,
  n: number,
  k: number,
  a: Float64Array,
  b: Float64Array,
): void {
  const deep = LANES * k;
  for (let j = 0; j < n; j += LANES) {
    const from = (j / LANES) * deep;
    for (let i = 0; i < m; i += LANES)
      block(
        c,
        offset + i * n + j,
        n,
        Math.min(LANES, m - i),
        Math.min(LANES, n - j),
        a,
        (i / LANES) * deep,
        b,
        from,
        deep,
      );
  }
}

// prettier-ignore
function block(c: Buffer, at: number, row: number, rows: number, columns: number, a: Float64Array, ai: number, b: Float64Array, bi: number, deep: number): void {
  let c00 = 0, c01 = 0, c02 = 0, c03 = 0, c10 = 0, c11 = 0, c12 = 0, c13 = 0;
  let c20 = 0, c21 = 0, c22 = 0, c23 = 0, c30 = 0, c31 = 0, c32 = 0, c33 = 0;
  for (let p = 0; p < deep; p += LANES) {
    const b0 = b[bi + p]!, b1 = b[bi + p + 1]!, b2 = b[bi + p + 2]!, b3 = b[bi + p + 3]!;
    let v = a[ai + p]!;
    c00 += v * b0; c01 += v * b1; c02 += v * b2; c03 += v * b3;
    v = a[ai + p + 1]!;
    c10 += v * b0; c11 += v * b1; c12 += v * b2; c13 += v * b3;
    v = a[ai + p + 2]!;
    c20 += v * b0; c21 += v * b1; c22 += v * b2; c23 += v * b3;
    v = a[ai + p + 3]!;
    c30 += v * b0; c31 += v * b1; c32 += v * b2; c33 += v * b3;
  }
  addRow(c, at, columns, c00, c01, c02, c03);
  if (rows > 1) addRow(c, at + row, columns, c10, c11, c12, c13);
  if (rows > 2) addRow(c, at + 2 * row, columns, c20, c21, c22, c23);
  if (rows > 3) addRow(c, at + 3 * row, columns, c30, c31, c32, c33);
}

function addRow(c: Buffer, at: number, columns: number, v0: number, v1: number, v2: number, v3: number): void {
  c[at]! += v0;
  if (columns > 1) c[at + 1]! += v1;
  if (columns > 2) c[at + 2]! += v2;
  if (columns > 3) c[at + 3]! += v3;
}
