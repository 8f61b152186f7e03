import { total, widen } from '../vector';

/** The sum of `n` adjacent floats, in double precision. */
function sumRun(x: usize, n: i32): f64 {
  let s = f64x2.splat(0);
  let t = s; // two sums, so that one addition need not wait for the other
  for (; n >= 8; n -= 8, x += 32) {
    s = f64x2.add(s, widen(v128.load(x)));
    t = f64x2.add(t, widen(v128.load(x, 16)));
  }
  if (n >= 4) {
    s = f64x2.add(s, widen(v128.load(x)));
    n -= 4;
    x += 16;
  }
  let rest = total(f64x2.add(s, t));
  for (; n > 0; --n, x += 4) rest += <f64>load<f32>(x);
  return rest;
}

/** out[c] = sum over a and b of x[a,c,b], in double precision. */
export function sumAround(x: usize, out: usize, a: i32, c: i32, b: i32): void {
  for (let j = 0; j < c; ++j) {
    let s: f64 = 0;
    for (let i = 0; i < a; ++i) s += sumRun(x + ((<usize>((i * c + j) * b)) << 2), b);
    store<f32>(out + ((<usize>j) << 2), <f32>s);
  }
}

/** out[a,b] = sum over c of x[a,c,b], in double precision. */
export function sumBetween(x: usize, out: usize, a: i32, c: i32, b: i32): void {
  const row = (<usize>b) << 2;
  for (let i = 0; i < a; ++i, x += <usize>c * row, out += row) {
    let j = 0;
    for (; j + 4 <= b; j += 4) {
      let at = x + ((<usize>j) << 2);
      let low = f64x2.splat(0);
      let high = low;
      for (let k = 0; k < c; ++k, at += row) {
        low = f64x2.add(low, f64x2.promote_low_f32x4(v128.load64_zero(at)));
        high = f64x2.add(high, f64x2.promote_low_f32x4(v128.load64_zero(at, 8)));
      }
      at = out + ((<usize>j) << 2);
      v128.store64_lane(at, f32x4.demote_f64x2_zero(low), 0);
      v128.store64_lane(at, f32x4.demote_f64x2_zero(high), 0, 8);
    }
    for (; j < b; ++j) {
      let s: f64 = 0;
      for (let k = 0; k < c; ++k) s += <f64>load<f32>(x + <usize>k * row + ((<usize>j) << 2));
      store<f32>(out + ((<usize>j) << 2), <f32>s);
    }
  }
}
