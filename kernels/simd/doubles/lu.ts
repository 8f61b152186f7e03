import { copyBack, copyPanel } from './panel';
import { product, SUBTRACT } from './product';
import { solveTriangle } from './triangle';

/** Columns that are eliminated one after another, without products. */
const FEW: i32 = 8;

/**
 * L and U of P A = L U in place of A [m, n] with m >= n, whose rows are `row` bytes apart, with the
 * largest pivot of each column; row j was exchanged with row pivots[j], an int32. L has ones on its
 * diagonal, which are not written. False where a pivot is 0: its column is left as it is then.
 */
export function factorPivoted(a: usize, row: i32, m: i32, n: i32, pivots: usize, scratch: usize): bool {
  if (n <= FEW) return factorFew(a, row, m, n, pivots, scratch);
  const p = ((n + 15) >> 4) << 3,
    q = n - p;
  const right = a + ((<usize>p) << 3),
    below = a + <usize>(p * row);
  const last = below + ((<usize>p) << 3);
  const rest = pivots + ((<usize>p) << 2);
  let regular = factorPivoted(a, row, m, p, pivots, scratch);
  exchangeRows(right, row, q, pivots, p);
  solveTriangle(a, row, 8, true, true, right, row, p, q, scratch);
  product(last, row, below, row, 8, right, row, 8, m - p, q, p, SUBTRACT, false, scratch);
  if (!factorPivoted(last, row, m - p, q, rest, scratch)) regular = false;
  exchangeRows(below, row, p, rest, q);
  for (let i = 0; i < q; ++i) store<i32>(rest + ((<usize>i) << 2), load<i32>(rest + ((<usize>i) << 2)) + p);
  return regular;
}

/** Exchanges row i with row pivots[i] of a matrix of `n` columns, for i from 0 to `count`. */
export function exchangeRows(a: usize, row: i32, n: i32, pivots: usize, count: i32): void {
  for (let i = 0; i < count; ++i) {
    const j = load<i32>(pivots + ((<usize>i) << 2));
    if (j != i) exchange(a + <usize>(i * row), a + <usize>(j * row), n);
  }
}

function exchange(x: usize, y: usize, n: i32): void {
  for (; n >= 2; n -= 2, x += 16, y += 16) {
    const u = v128.load(x);
    v128.store(x, v128.load(y));
    v128.store(y, u);
  }
  if (n > 0) {
    const u = load<f64>(x);
    store<f64>(x, load<f64>(y));
    store<f64>(y, u);
  }
}

/**
 * Of at most 8 columns, in a copy whose rows follow one another: rows that are a power of two apart
 * share few places of a cache.
 */
function factorFew(a: usize, row: i32, m: i32, n: i32, pivots: usize, panel: usize): bool {
  let regular = true;
  copyPanel(panel, a, row, m, n);
  for (let j = 0; j < n; ++j) {
    const top = panel + ((<usize>j) << 6);
    const best = largestBelow(panel + ((<usize>j) << 3), j, m);
    store<i32>(pivots + ((<usize>j) << 2), best);
    if (best != j) exchange(top, panel + ((<usize>best) << 6), 8);
    if (load<f64>(top + ((<usize>j) << 3)) == 0) regular = false;
    else eliminate(panel, top, j, m);
  }
  copyBack(panel, a, row, m, n);
  return regular;
}

/** The row from j on with the largest element of a column; the first of several, and no NaN but that of row j. */
function largestBelow(column: usize, j: i32, m: i32): i32 {
  let best = j,
    most = abs<f64>(load<f64>(column + ((<usize>j) << 6)));
  for (let i = j + 1; i < m; ++i) {
    const size = abs<f64>(load<f64>(column + ((<usize>i) << 6)));
    if (size > most) {
      best = i;
      most = size;
    }
  }
  return best;
}

/** Takes row j from those below it, in the columns after j; factors take the place of column j. */
function eliminate(panel: usize, top: usize, j: i32, m: i32): void {
  const pivot = load<f64>(top + ((<usize>j) << 3));
  const at = (<usize>(j >> 1)) << 4;
  const odd = j & 1;
  const first = v128.load(top + at);
  for (let row = top + 64, end = panel + ((<usize>m) << 6); row < end; row += 64) {
    const x = v128.load(row + at);
    const factor = (odd ? f64x2.extract_lane(x, 1) : f64x2.extract_lane(x, 0)) / pivot;
    const by = f64x2.splat(factor);
    // Column j is the second of its vector, or the first, with one more to change behind it.
    v128.store(
      row + at,
      odd ? v128.shuffle<i64>(x, by, 0, 2) : v128.shuffle<i64>(by, f64x2.sub(x, f64x2.mul(by, first)), 0, 3),
    );
    for (let k = at + 16; k < 64; k += 16)
      v128.store(row + k, f64x2.sub(v128.load(row + k), f64x2.mul(by, v128.load(top + k))));
  }
}
