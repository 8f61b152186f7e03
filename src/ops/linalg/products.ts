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

function tile(c: Block, x: Block, y: Block, i: number, j: number, k: number): void {
  const [u, v] = [x.data, y.data];
  let x0 = x.at + i * x.row;
  let [x1, x2, x3] = [x0 + x.row, x0 + 2 * x.row, x0 + 3 * x.row];
  let y0 = y.at + j * y.row;
  let [y1, y2, y3] = [y0 + y.row, y0 + 2 * y.row, y0 + 3 * y.row];
  let [s00, s01, s02, s03, s10, s11, s12, s13] = [0, 0, 0, 0, 0, 0, 0, 0];
  let [s20, s21, s22, s23, s30, s31, s32, s33] = [0, 0, 0, 0, 0, 0, 0, 0];
  for (let p = 0; p < k; p++) {
    const [a0, a1, a2, a3] = [u[x0++]!, u[x1++]!, u[x2++]!, u[x3++]!];
    const [b0, b1, b2, b3] = [v[y0++]!, v[y1++]!, v[y2++]!, v[y3++]!];
    s00 += a0 * b0; s01 += a0 * b1; s02 += a0 * b2; s03 += a0 * b3; // prettier-ignore
    s10 += a1 * b0; s11 += a1 * b1; s12 += a1 * b2; s13 += a1 * b3; // prettier-ignore
    s20 += a2 * b0; s21 += a2 * b1; s22 += a2 * b2; s23 += a2 * b3; // prettier-ignore
    s30 += a3 * b0; s31 += a3 * b1; s32 += a3 * b2; s33 += a3 * b3; // prettier-ignore
  }
  const d = c.data;
  let at = c.at + i * c.row + j;
  d[at]! -= s00; d[at + 1]! -= s01; d[at + 2]! -= s02; d[at + 3]! -= s03; // prettier-ignore
  at += c.row;
  d[at]! -= s10; d[at + 1]! -= s11; d[at + 2]! -= s12; d[at + 3]! -= s13; // prettier-ignore
  at += c.row;
  d[at]! -= s20; d[at + 1]! -= s21; d[at + 2]! -= s22; d[at + 3]! -= s23; // prettier-ignore
  at += c.row;
  d[at]! -= s30; d[at + 1]! -= s31; d[at + 2]! -= s32; d[at + 3]! -= s33; // prettier-ignore
}
