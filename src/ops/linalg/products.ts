// Numbers of matrices as they lie in row-major memory, in double precision.

/** A block of a row-major matrix: where it begins, and how far apart its rows are. */
export interface Block {
  readonly data: Float64Array;
  readonly at: number;
  readonly row: number;
}

/**
 * c[i, j] -= the sum of x[i, p] y[j, p] over p < k, for i < m and j < n: the product of x with y
 * transposed, four by four elements at a time, so that each number that is read takes part in four
 * products.
 */
export function subtractProducts(c: Block, x: Block, y: Block, m: number, n: number, k: number): void {
  for (let i = 0; i < m; i += 4)
    for (let j = 0; j < n; j += 4)
      if (i + 4 <= m && j + 4 <= n) tile(c, x, y, i, j, k);
      else edge(c, x, y, [i, Math.min(m, i + 4)], [j, Math.min(n, j + 4)], k);
}

type Range = readonly [from: number, to: number];

function edge(c: Block, x: Block, y: Block, rows: Range, columns: Range, k: number): void {
  for (let i = rows[0]; i < rows[1]; i++)
    for (let j = columns[0]; j < columns[1]; j++)
      c.data[c.at + i * c.row + j]! -= dotOf(x.data, x.at + i * x.row, y.data, y.at + j * y.row, k);
}

/** The sum of x[i] y[i] over n elements that lie side by side. */
export function dotOf(x: Float64Array, xi: number, y: Float64Array, yi: number, n: number): number {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += x[xi + i]! * y[yi + i]!;
  return sum;
}

// Plain declarations throughout: engines do not see through lists here.
// prettier-ignore
function tile(c: Block, x: Block, y: Block, i: number, j: number, k: number): void {
  const u = x.data, v = y.data;
  let x0 = x.at + i * x.row, x1 = x0 + x.row, x2 = x1 + x.row, x3 = x2 + x.row;
  let y0 = y.at + j * y.row, y1 = y0 + y.row, y2 = y1 + y.row, y3 = y2 + y.row;
  let s00 = 0, s01 = 0, s02 = 0, s03 = 0, s10 = 0, s11 = 0, s12 = 0, s13 = 0;
  let s20 = 0, s21 = 0, s22 = 0, s23 = 0, s30 = 0, s31 = 0, s32 = 0, s33 = 0;
  for (let p = 0; p < k; p++) {
    const b0 = v[y0++]!, b1 = v[y1++]!, b2 = v[y2++]!, b3 = v[y3++]!;
    const a0 = u[x0++]!;
    s00 += a0 * b0; s01 += a0 * b1; s02 += a0 * b2; s03 += a0 * b3;
    const a1 = u[x1++]!;
    s10 += a1 * b0; s11 += a1 * b1; s12 += a1 * b2; s13 += a1 * b3;
    const a2 = u[x2++]!;
    s20 += a2 * b0; s21 += a2 * b1; s22 += a2 * b2; s23 += a2 * b3;
    const a3 = u[x3++]!;
    s30 += a3 * b0; s31 += a3 * b1; s32 += a3 * b2; s33 += a3 * b3;
  }
  const d = c.data;
  let at = c.at + i * c.row + j;
  d[at]! -= s00; d[at + 1]! -= s01; d[at + 2]! -= s02; d[at + 3]! -= s03;
  at += c.row;
  d[at]! -= s10; d[at + 1]! -= s11; d[at + 2]! -= s12; d[at + 3]! -= s13;
  at += c.row;
  d[at]! -= s20; d[at + 1]! -= s21; d[at + 2]! -= s22; d[at + 3]! -= s23;
  at += c.row;
  d[at]! -= s30; d[at + 1]! -= s31; d[at + 2]! -= s32; d[at + 3]! -= s33;
}

/**
 * Row c -= the sum of factors[p] times row p of b, for p from `from` to `to`, four rows at a time.
 */
export function subtractRows(
  b: Float64Array,
  length: number,
  c: number,
  factors: Float64Array,
  from: number,
  to: number,
): void {
  const at = c * length;
  let p = from;
  for (; p + 4 <= to; p += 4) {
    const f0 = factors[p]!;
    const f1 = factors[p + 1]!;
    const f2 = factors[p + 2]!;
    const f3 = factors[p + 3]!;
    const r0 = p * length;
    const r1 = r0 + length;
    const r2 = r1 + length;
    const r3 = r2 + length;
    for (let k = 0; k < length; k++)
      b[at + k]! -= f0 * b[r0 + k]! + f1 * b[r1 + k]! + f2 * b[r2 + k]! + f3 * b[r3 + k]!;
  }
  for (; p < to; p++) {
    const factor = factors[p]!;
    const row = p * length;
    for (let k = 0; k < length; k++) b[at + k]! -= factor * b[row + k]!;
  }
}
