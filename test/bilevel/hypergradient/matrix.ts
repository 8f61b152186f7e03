/** Plain linear algebra, so that expected values do not come from the code under test. */
export type Matrix = number[][];

export const identity = (n: number): Matrix =>
  Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => Number(i === j)));
export const transposed = (a: Matrix): Matrix => a[0]!.map((_, j) => a.map((row) => row[j]!));
export const product = (a: Matrix, b: Matrix): Matrix =>
  a.map((row) => transposed(b).map((column) => row.reduce((s, x, k) => s + x * column[k]!, 0)));
export const times = (a: Matrix, v: readonly number[]): number[] =>
  a.map((row) => row.reduce((s, x, k) => s + x * v[k]!, 0));
export const plus = (a: Matrix, b: Matrix, scale = 1): Matrix =>
  a.map((row, i) => row.map((x, j) => x + scale * b[i]![j]!));
export const power = (a: Matrix, p: number): Matrix => (p === 0 ? identity(a.length) : product(a, power(a, p - 1)));

/** The inverse by Gauss and Jordan, with pivots. */
export function inverse(a: Matrix): Matrix {
  const n = a.length;
  const rows = a.map((row, i) => [...row, ...identity(n)[i]!]);
  for (let k = 0; k < n; k++) {
    const at = rows.reduce((best, row, i) => (i >= k && Math.abs(row[k]!) > Math.abs(rows[best]![k]!) ? i : best), k);
    [rows[k], rows[at]] = [rows[at]!, rows[k]!];
    const pivot = rows[k]!.map((x) => x / rows[k]![k]!);
    rows.forEach((row, i) => {
      rows[i] = i === k ? pivot : row.map((x, j) => x - row[k]! * pivot[j]!);
    });
  }
  return rows.map((row) => row.slice(n));
}
