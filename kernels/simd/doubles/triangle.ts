import { product, SUBTRACT } from './product';

/** Rows that are solved one after another, without products. */
const FEW: i32 = 16;

/** Where a triangle is split: near the middle, in whole fours. */
export function half(n: i32): i32 {
  return ((n + 7) >> 3) << 2;
}

/**
 * Solves T X = B in place of B [n, m], whose rows are `bRow` bytes apart; of T [n, n] only the lower
 * triangle is read where `forward`, else the upper one, and not the diagonal where `unit`. Halves are
 * solved one after the other, with a product between them.
 */
export function solveTriangle(
  t: usize,
  tRow: i32,
  tCol: i32,
  forward: bool,
  unit: bool,
  b: usize,
  bRow: i32,
  n: i32,
  m: i32,
  scratch: usize,
): void {
  if (n <= FEW) {
    if (forward) solveForward(t, tRow, tCol, unit, b, bRow, n, m);
    else solveBackward(t, tRow, tCol, unit, b, bRow, n, m);
    return;
  }
  const p = half(n),
    q = n - p;
  const below = b + <usize>(p * bRow);
  const last = t + <usize>(p * (tRow + tCol));
  if (forward) {
    solveTriangle(t, tRow, tCol, forward, unit, b, bRow, p, m, scratch);
    product(below, bRow, t + <usize>(p * tRow), tRow, tCol, b, bRow, 8, q, m, p, SUBTRACT, false, scratch);
    solveTriangle(last, tRow, tCol, forward, unit, below, bRow, q, m, scratch);
  } else {
    solveTriangle(last, tRow, tCol, forward, unit, below, bRow, q, m, scratch);
    product(b, bRow, t + <usize>(p * tCol), tRow, tCol, below, bRow, 8, p, m, q, SUBTRACT, false, scratch);
    solveTriangle(t, tRow, tCol, forward, unit, b, bRow, p, m, scratch);
  }
}

function solveForward(t: usize, tRow: i32, tCol: i32, unit: bool, b: usize, bRow: i32, n: i32, m: i32): void {
  for (let i = 0; i < n; ++i)
    solveRow(
      t + <usize>(i * tRow),
      tCol,
      i,
      unit ? 0 : t + <usize>(i * (tRow + tCol)),
      b,
      bRow,
      b + <usize>(i * bRow),
      m,
    );
}

function solveBackward(t: usize, tRow: i32, tCol: i32, unit: bool, b: usize, bRow: i32, n: i32, m: i32): void {
  for (let i = n - 1; i >= 0; --i) {
    const diagonal = t + <usize>(i * (tRow + tCol));
    const at = b + <usize>(i * bRow);
    solveRow(diagonal + tCol, tCol, n - 1 - i, unit ? 0 : diagonal, at + bRow, bRow, at, m);
  }
}

/** Takes `count` rows of B, times factors, from a row of m doubles, which is then divided by the one at `divisor`, if any. */
function solveRow(
  factors: usize,
  step: i32,
  count: i32,
  divisor: usize,
  b: usize,
  bRow: i32,
  row: usize,
  m: i32,
): void {
  const by = divisor ? load<f64>(divisor) : 1;
  const split = f64x2.splat(by);
  let j = m;
  for (; j >= 8; j -= 8, b += 64, row += 64) {
    let s0 = f64x2.splat(0),
      s1 = s0,
      s2 = s0,
      s3 = s0;
    let f = factors,
      from = b;
    for (let p = 0; p < count; ++p, f += step, from += bRow) {
      const factor = v128.load64_splat(f);
      s0 = f64x2.add(s0, f64x2.mul(factor, v128.load(from)));
      s1 = f64x2.add(s1, f64x2.mul(factor, v128.load(from, 16)));
      s2 = f64x2.add(s2, f64x2.mul(factor, v128.load(from, 32)));
      s3 = f64x2.add(s3, f64x2.mul(factor, v128.load(from, 48)));
    }
    s0 = f64x2.sub(v128.load(row), s0);
    s1 = f64x2.sub(v128.load(row, 16), s1);
    s2 = f64x2.sub(v128.load(row, 32), s2);
    s3 = f64x2.sub(v128.load(row, 48), s3);
    if (divisor) {
      s0 = f64x2.div(s0, split);
      s1 = f64x2.div(s1, split);
      s2 = f64x2.div(s2, split);
      s3 = f64x2.div(s3, split);
    }
    v128.store(row, s0);
    v128.store(row, s1, 16);
    v128.store(row, s2, 32);
    v128.store(row, s3, 48);
  }
  for (; j >= 2; j -= 2, b += 16, row += 16) {
    let s = f64x2.splat(0),
      f = factors,
      from = b;
    for (let p = 0; p < count; ++p, f += step, from += bRow)
      s = f64x2.add(s, f64x2.mul(v128.load64_splat(f), v128.load(from)));
    s = f64x2.sub(v128.load(row), s);
    v128.store(row, divisor ? f64x2.div(s, split) : s);
  }
  if (j > 0) {
    let s: f64 = 0,
      f = factors,
      from = b;
    for (let p = 0; p < count; ++p, f += step, from += bRow) s += load<f64>(f) * load<f64>(from);
    s = load<f64>(row) - s;
    store<f64>(row, divisor ? s / by : s);
  }
}
