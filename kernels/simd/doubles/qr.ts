import { copyBack, copyPanel } from './panel';
import { product, SET, SUBTRACT } from './product';
import { half } from './triangle';

/** Columns that are reflected one after another, without products. */
const FEW: i32 = 8;
/** Columns of Q that are made at once. */
const COLUMNS: i32 = 64;

/**
 * Q [m, n] and R [n, n] of A = Q R with m >= n, row-major doubles; A is overwritten. `t` and `spare`
 * are memory for [n, n]. The product of all reflections is 1 - V T V' with an upper
 * triangle T (Schreiber and Van Loan 1989), so that Q is its first columns.
 */
export function reflect(a: usize, q: usize, r: usize, t: usize, spare: usize, m: i32, n: i32, scratch: usize): void {
  const row = n << 3;
  memory.fill(r, 0, <usize>(n * row));
  memory.fill(t, 0, <usize>(n * row));
  reflectColumns(a, row, m, n, r, t, row, spare, scratch);
  // W = T V' of the first n rows of V, in the place of `spare`; then 1 - V W.
  memory.fill(q, 0, <usize>(m * row));
  for (let i = 0; i < n; ++i) store<f64>(q + <usize>(i * (row + 8)), 1);
  for (let j = 0; j < n; j += COLUMNS) {
    const width = min(COLUMNS, n - j),
      end = j + width;
    const at = (<usize>j) << 3;
    product(spare + at, row, t, row, 8, a + <usize>(j * row), 8, row, end, width, end, SET, false, scratch);
    product(q + at, row, a, row, 8, spare + at, row, 8, m, width, end, SUBTRACT, false, scratch);
  }
}

/**
 * V of the reflections in place of A [m, n], with zeros above its diagonal; R and T. The left half is
 * reflected, then the right half by what the left one gave, and then by itself (Elmroth and Gustavson
 * 2000).
 */
function reflectColumns(
  a: usize,
  row: i32,
  m: i32,
  n: i32,
  r: usize,
  t: usize,
  width: i32,
  spare: usize,
  scratch: usize,
): void {
  if (n <= FEW) {
    reflectFew(a, row, m, n, r, t, width, scratch);
    return;
  }
  const p = half(n),
    q = n - p;
  const right = a + ((<usize>p) << 3),
    low = right + <usize>(p * row);
  const next = <usize>(p * (width + 8));
  reflectColumns(a, row, m, p, r, t, width, spare, scratch);
  // The right half less V T' V' of it.
  const corner = t + ((<usize>p) << 3),
    beside = r + ((<usize>p) << 3);
  product(corner, width, a, 8, row, right, row, 8, p, q, m, SET, false, scratch);
  product(beside, width, t, 8, width, corner, width, 8, p, q, p, SET, false, scratch);
  product(right, row, a, row, 8, beside, width, 8, m, q, p, SUBTRACT, false, scratch);
  for (let i = 0; i < p; ++i) {
    memory.copy(beside + <usize>(i * width), right + <usize>(i * row), (<usize>q) << 3);
    memory.fill(right + <usize>(i * row), 0, (<usize>q) << 3);
  }
  reflectColumns(low, row, m - p, q, r + next, t + next, width, spare, scratch);
  // The corner of T: -T1 V1' V2 T2.
  product(corner, width, a + <usize>(p * row), 8, row, low, row, 8, p, q, m - p, SET, false, scratch);
  product(spare, q << 3, t, width, 8, corner, width, 8, p, q, p, SET, false, scratch);
  for (let i = 0; i < p; ++i) memory.fill(corner + <usize>(i * width), 0, (<usize>q) << 3);
  product(corner, width, spare, q << 3, 8, t + next, width, 8, p, q, q, SUBTRACT, false, scratch);
}

/** Of at most 8 columns, in a copy whose rows follow one another. */
function reflectFew(a: usize, row: i32, m: i32, n: i32, r: usize, t: usize, width: i32, scratch: usize): void {
  const panel = scratch + 64;
  copyPanel(panel, a, row, m, n);
  for (let j = 0; j < n; ++j) {
    const top = panel + ((<usize>j) << 6);
    reflectColumn(top, j, m - j, r + <usize>(j * (width + 8)), t, width, scratch);
  }
  for (let i = 0; i < n; ++i)
    for (let j = i + 1; j < n; ++j) {
      const at = panel + ((<usize>i) << 6) + ((<usize>j) << 3);
      store<f64>(r + <usize>(i * width) + ((<usize>j) << 3), load<f64>(at));
      store<f64>(at, 0);
    }
  copyBack(panel, a, row, m, n);
}

/**
 * The reflection 1 - s v v' that makes column j of m rows from `top` on zero but for the first of them,
 * which goes to `corner`. v, whose first element is first / norm - 1, takes the place of the column,
 * and later columns are reflected; column j of T is made. `z` is memory for 8 doubles.
 */
function reflectColumn(top: usize, j: i32, m: i32, corner: usize, t: usize, width: i32, z: usize): void {
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
    const row = t + <usize>(i * width);
    let s: f64 = 0;
    for (let k = i; k < j; ++k) s += load<f64>(row + ((<usize>k) << 3)) * load<f64>(z + ((<usize>k) << 3));
    store<f64>(row + ((<usize>j) << 3), -scale * s);
  }
  store<f64>(t + <usize>(j * (width + 8)), scale);
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
