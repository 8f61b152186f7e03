import { copyBack, copyPanel } from './panel';
import { product, SET, SUBTRACT } from './product';
import { half } from './triangle';

/** Columns that are reflected one after another, without products. */
const FEW: i32 = 8;
/** Columns whose reflections are one product for all others. */
const BLOCK: i32 = 32;

/** Bytes of the memory that `reflect` needs beside its operands. */
export function reflectScratch(n: i32): i32 {
  return (3 * BLOCK * n) << 3;
}

/**
 * Q [m, n] and R [n, n] of A = Q R with m >= n, row-major doubles. A is overwritten by the vectors V of
 * the reflections. The product of those of a block of columns is 1 - V T V' with an upper triangle T
 * (Schreiber and Van Loan 1989). `spare` is `reflectScratch(n)` bytes.
 */
export function reflect(a: usize, q: usize, r: usize, spare: usize, m: i32, n: i32, scratch: usize): void {
  const row = n << 3;
  const ts = spare,
    w = spare + <usize>(BLOCK * row);
  memory.fill(r, 0, <usize>(n * row));
  memory.fill(ts, 0, <usize>(BLOCK * row));
  for (let j = 0; j < n; j += BLOCK) {
    const width = min(BLOCK, n - j),
      rest = n - j - width;
    const at = <usize>(j * (row + 8)),
      t = ts + <usize>(j * BLOCK * 8);
    const right = a + at + ((<usize>width) << 3);
    reflectColumns(a + at, row, m - j, width, r + at, t, w, scratch);
    applyBlock(a + at, row, m - j, width, t, true, right, rest, w, scratch);
    for (let i = 0; i < width; ++i) {
      const offset = <usize>(i * row);
      memory.copy(r + at + offset + ((<usize>width) << 3), right + offset, (<usize>rest) << 3);
    }
  }
  memory.fill(q, 0, <usize>(m * row));
  for (let i = 0; i < n; ++i) store<f64>(q + <usize>(i * (row + 8)), 1);
  for (let j = ((n - 1) / BLOCK) * BLOCK; j >= 0; j -= BLOCK) {
    const at = <usize>(j * (row + 8));
    const width = min(BLOCK, n - j);
    applyBlock(a + at, row, m - j, width, ts + <usize>(j * BLOCK * 8), false, q + at, n - j, w, scratch);
  }
}

/** C [m, n] less V T V' C, or less V T' V' C where `turned`; C and V [m, k] have rows `row` bytes apart. */
function applyBlock(
  v: usize,
  row: i32,
  m: i32,
  k: i32,
  t: usize,
  turned: bool,
  c: usize,
  n: i32,
  w: usize,
  scratch: usize,
): void {
  const wide = n << 3,
    tRow = BLOCK << 3;
  const made = w + <usize>(k * wide);
  product(w, wide, v, 8, row, c, row, 8, k, n, m, SET, false, scratch);
  product(made, wide, t, turned ? 8 : tRow, turned ? tRow : 8, w, wide, 8, k, n, k, SET, false, scratch);
  product(c, row, v, row, 8, made, wide, 8, m, n, k, SUBTRACT, false, scratch);
}

/**
 * V of the reflections in place of A [m, n], with zeros above its diagonal; R, whose rows are as far
 * apart, and T. The left half is reflected, then the right half by what the left one gave, and then by
 * itself (Elmroth and Gustavson 2000). `w` is memory for [2, n, n].
 */
function reflectColumns(a: usize, row: i32, m: i32, n: i32, r: usize, t: usize, w: usize, scratch: usize): void {
  if (n <= FEW) {
    reflectFew(a, row, m, n, r, t, scratch);
    return;
  }
  const p = half(n),
    q = n - p;
  const tRow = BLOCK << 3;
  const right = a + ((<usize>p) << 3),
    low = right + <usize>(p * row);
  const beside = r + ((<usize>p) << 3),
    corner = t + ((<usize>p) << 3);
  const last = t + <usize>(p * (tRow + 8));
  reflectColumns(a, row, m, p, r, t, w, scratch);
  applyBlock(a, row, m, p, t, true, right, q, w, scratch);
  for (let i = 0; i < p; ++i) {
    const offset = <usize>(i * row);
    memory.copy(beside + offset, right + offset, (<usize>q) << 3);
    memory.fill(right + offset, 0, (<usize>q) << 3);
  }
  reflectColumns(low, row, m - p, q, beside + <usize>(p * row), last, w, scratch);
  // The corner of T: -T1 V1' V2 T2, onto the zeros that it holds.
  const next = w + ((<usize>(p * q)) << 3);
  product(w, q << 3, a + <usize>(p * row), 8, row, low, row, 8, p, q, m - p, SET, false, scratch);
  product(next, q << 3, t, tRow, 8, w, q << 3, 8, p, q, p, SET, false, scratch);
  product(corner, tRow, next, q << 3, 8, last, tRow, 8, p, q, q, SUBTRACT, false, scratch);
}

/** Of at most 8 columns, in a copy whose rows follow one another. */
function reflectFew(a: usize, row: i32, m: i32, n: i32, r: usize, t: usize, scratch: usize): void {
  const panel = scratch + 64;
  copyPanel(panel, a, row, m, n);
  for (let j = 0; j < n; ++j) {
    const top = panel + ((<usize>j) << 6);
    reflectColumn(top, j, m - j, r + <usize>(j * (row + 8)), t, scratch);
  }
  for (let i = 0; i < n; ++i)
    for (let j = i + 1; j < n; ++j) {
      const at = panel + ((<usize>i) << 6) + ((<usize>j) << 3);
      store<f64>(r + <usize>(i * row) + ((<usize>j) << 3), load<f64>(at));
      store<f64>(at, 0);
    }
  copyBack(panel, a, row, m, n);
}

/**
 * The reflection 1 - s v v' that makes column j of m rows from `top` on zero but for the first of them,
 * which goes to `corner`. v, whose first element is first / norm - 1, takes the place of the column,
 * and later columns are reflected; column j of T is made. `z` is memory for 8 doubles.
 */
function reflectColumn(top: usize, j: i32, m: i32, corner: usize, t: usize, z: usize): void {
  const column = top + ((<usize>j) << 3),
    end = column + ((<usize>m) << 6);
  const first = load<f64>(column);
  let most: f64 = 0;
  for (let at = column + 64; at < end; at += 64) most = max<f64>(most, abs<f64>(load<f64>(at)));
  if (most == 0) {
    store<f64>(corner, first);
    store<f64>(column, 0);
    return;
  }
  const size = norm(column, end, max<f64>(most, abs<f64>(first)));
  const made = first > 0 ? -size : size;
  store<f64>(corner, made);
  for (let at = column; at < end; at += 64) store<f64>(at, load<f64>(at) / made);
  const head = load<f64>(column) - 1;
  store<f64>(column, head);
  const scale = -1 / head;
  productsWith(top, column, end, z);
  for (let i = 0; i < j; ++i) {
    const row = t + <usize>((i * BLOCK) << 3);
    let s: f64 = 0;
    for (let k = i; k < j; ++k) s += load<f64>(row + ((<usize>k) << 3)) * load<f64>(z + ((<usize>k) << 3));
    store<f64>(row + ((<usize>j) << 3), -scale * s);
  }
  store<f64>(t + <usize>((j * (BLOCK + 1)) << 3), scale);
  for (let k = 0; k < 8; ++k) {
    const at = z + ((<usize>k) << 3);
    store<f64>(at, k > j ? scale * load<f64>(at) : 0);
  }
  for (let at = column, row = top; at < end; at += 64, row += 64) {
    const v = v128.load64_splat(at);
    for (let k = ((j + 1) >> 1) << 4; k < 64; k += 16)
      v128.store(row + k, f64x2.sub(v128.load(row + k), f64x2.mul(v, v128.load(z + k))));
  }
}

/** The norm of a column whose largest element is `most`; no square of it overflows, or is lost. */
function norm(column: usize, end: usize, most: f64): f64 {
  const unit = most > 1e-140 && most < 1e140 ? 1 : most;
  let sum: f64 = 0;
  for (; column < end; column += 64) {
    const x = load<f64>(column) / unit;
    sum += x * x;
  }
  return unit * sqrt<f64>(sum);
}

/** The sums z of a column times each of 8 columns. */
function productsWith(row: usize, column: usize, end: usize, z: usize): void {
  let z0 = f64x2.splat(0),
    z1 = z0,
    z2 = z0,
    z3 = z0;
  for (; column < end; column += 64, row += 64) {
    const v = v128.load64_splat(column);
    z0 = f64x2.add(z0, f64x2.mul(v, v128.load(row)));
    z1 = f64x2.add(z1, f64x2.mul(v, v128.load(row, 16)));
    z2 = f64x2.add(z2, f64x2.mul(v, v128.load(row, 32)));
    z3 = f64x2.add(z3, f64x2.mul(v, v128.load(row, 48)));
  }
  v128.store(z, z0);
  v128.store(z, z1, 16);
  v128.store(z, z2, 32);
  v128.store(z, z3, 48);
}
