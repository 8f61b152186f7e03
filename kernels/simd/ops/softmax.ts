import { expWithin, log } from '../math';
import { total, widen } from '../vector';

/** Below it, at ln 2^-126, powers of e are subnormal, which takes processors many times as long. */
const LEAST: f32 = -87.33;

/** e^x of x up to 0, and 0 where that is next to nothing beside the largest share. */
function share(x: v128): v128 {
  const least = f32x4.splat(LEAST);
  return v128.andnot(expWithin(f32x4.pmax(x, least)), f32x4.lt(x, least));
}

/**
 * out[i] = e^(x[i] - max) / sum of e^(x - max) along each of `rows` rows of n, or its logarithm.
 */
export function softmax(x: usize, out: usize, rows: i32, n: i32, logarithm: bool): void {
  const row = (<usize>n) << 2;
  const vectors = row & ~15;
  for (let i = 0; i < rows; ++i, x += row, out += row) {
    const top = largest(x, n);
    const shift = f32x4.splat(top);
    let sums = f64x2.splat(0);
    let at: usize = 0;
    for (; at < vectors; at += 16) {
      const e = share(f32x4.sub(v128.load(x + at), shift));
      if (!logarithm) v128.store(out + at, e);
      sums = f64x2.add(sums, widen(e));
    }
    let s = total(sums);
    for (; at < row; at += 4) {
      const e = f32x4.extract_lane(share(f32x4.splat(load<f32>(x + at) - top)), 0);
      if (!logarithm) store<f32>(out + at, e);
      s += <f64>e;
    }
    if (logarithm) less(x, out, vectors, row, shift, log(f32x4.splat(<f32>s)));
    else scale(out, vectors, row, f32x4.splat(<f32>(1 / s)));
  }
}

/** The largest of `n` floats that are no NaN, which shows in the sum of powers. */
function largest(x: usize, n: i32): f32 {
  let tops = f32x4.splat(-Infinity);
  for (; n >= 4; n -= 4, x += 16) tops = f32x4.pmax(tops, v128.load(x));
  for (; n > 0; --n, x += 4) tops = f32x4.pmax(tops, v128.load32_splat(x));
  tops = f32x4.pmax(tops, v128.shuffle<i32>(tops, tops, 2, 3, 0, 1));
  return max<f32>(f32x4.extract_lane(tops, 0), f32x4.extract_lane(tops, 1));
}

/** Multiplies a row, of which the first bytes are whole vectors. */
function scale(row: usize, vectors: usize, end: usize, by: v128): void {
  let at: usize = 0;
  for (; at < vectors; at += 16) v128.store(row + at, f32x4.mul(v128.load(row + at), by));
  for (; at < end; at += 4) store<f32>(row + at, load<f32>(row + at) * f32x4.extract_lane(by, 0));
}

/** out = x - top - logSum of a row, of which the first bytes are whole vectors. */
function less(x: usize, out: usize, vectors: usize, end: usize, top: v128, logSum: v128): void {
  let at: usize = 0;
  for (; at < vectors; at += 16) v128.store(out + at, f32x4.sub(f32x4.sub(v128.load(x + at), top), logSum));
  for (; at < end; at += 4)
    store<f32>(out + at, load<f32>(x + at) - f32x4.extract_lane(top, 0) - f32x4.extract_lane(logSum, 0));
}

/**
 * The same along c of [a,c,b], for b of at least 4: four columns at a time, the last four together
 * even where some of them were done before.
 */
export function softmaxBetween(x: usize, out: usize, a: i32, c: i32, b: i32, logarithm: bool): void {
  const row = (<usize>b) << 2;
  for (let i = 0; i < a; ++i, x += <usize>c * row, out += <usize>c * row)
    for (let j = 0; j < b; j += 4) {
      const first = (<usize>min(j, b - 4)) << 2;
      fourColumns(x + first, out + first, c, row, logarithm);
    }
}

function fourColumns(x: usize, out: usize, c: i32, row: usize, logarithm: bool): void {
  const end = <usize>c * row;
  let top = f32x4.splat(-Infinity);
  for (let at: usize = 0; at < end; at += row) top = f32x4.pmax(top, v128.load(x + at));
  let low = f64x2.splat(0);
  let high = low;
  for (let at: usize = 0; at < end; at += row) {
    const e = share(f32x4.sub(v128.load(x + at), top));
    if (!logarithm) v128.store(out + at, e);
    low = f64x2.add(low, f64x2.promote_low_f32x4(e));
    high = f64x2.add(high, f64x2.promote_low_f32x4(v128.shuffle<i64>(e, e, 1, 1)));
  }
  const sum = v128.shuffle<i64>(f32x4.demote_f64x2_zero(low), f32x4.demote_f64x2_zero(high), 0, 2);
  if (logarithm) {
    const logSum = log(sum);
    for (let at: usize = 0; at < end; at += row)
      v128.store(out + at, f32x4.sub(f32x4.sub(v128.load(x + at), top), logSum));
  } else {
    const by = f32x4.div(f32x4.splat(1), sum);
    for (let at: usize = 0; at < end; at += row) v128.store(out + at, f32x4.mul(v128.load(out + at), by));
  }
}
