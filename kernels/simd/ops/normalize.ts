import { total, widen } from '../vector';

function low(v: v128): v128 {
  return f64x2.promote_low_f32x4(v);
}
function high(v: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<i64>(v, v, 1, 1));
}
/** Four floats from two pairs of doubles. */
function narrow(a: v128, b: v128): v128 {
  return v128.shuffle<i64>(f32x4.demote_f64x2_zero(a), f32x4.demote_f64x2_zero(b), 0, 2);
}

/**
 * y = (x - mean) / sqrt(variance + eps) with mean[c] and variance[c] over a and b of x[a,c,b],
 * divisor a b; in double precision, since a mean may be large beside the deviations.
 */
export function normalize(x: usize, y: usize, mean: usize, variance: usize, a: i32, c: i32, b: i32, eps: f64): void {
  const n = <f64>(a * b);
  const step = (<usize>(c * b)) << 2;
  for (let j = 0; j < c; ++j) {
    const from = (<usize>(j * b)) << 2;
    let sum = f64x2.splat(0);
    let rest: f64 = 0;
    for (let i = 0, at = x + from; i < a; ++i, at += step) {
      let p = at;
      let k = b;
      for (; k >= 4; k -= 4, p += 16) sum = f64x2.add(sum, widen(v128.load(p)));
      for (; k > 0; --k, p += 4) rest += <f64>load<f32>(p);
    }
    const m = (total(sum) + rest) / n;
    const mm = f64x2.splat(m);
    sum = f64x2.splat(0);
    rest = 0;
    for (let i = 0, at = x + from; i < a; ++i, at += step) {
      let p = at;
      let k = b;
      for (; k >= 4; k -= 4, p += 16) {
        const v = v128.load(p);
        const u = f64x2.sub(low(v), mm);
        const w = f64x2.sub(high(v), mm);
        sum = f64x2.add(sum, f64x2.add(f64x2.mul(u, u), f64x2.mul(w, w)));
      }
      for (; k > 0; --k, p += 4) {
        const u = <f64>load<f32>(p) - m;
        rest += u * u;
      }
    }
    const s = (total(sum) + rest) / n;
    const scale = 1 / sqrt<f64>(s + eps);
    const ss = f64x2.splat(scale);
    for (let i = 0, at = from; i < a; ++i, at += step) {
      let p = at;
      let k = b;
      for (; k >= 4; k -= 4, p += 16) {
        const v = v128.load(x + p);
        v128.store(y + p, narrow(f64x2.mul(f64x2.sub(low(v), mm), ss), f64x2.mul(f64x2.sub(high(v), mm), ss)));
      }
      for (; k > 0; --k, p += 4) store<f32>(y + p, <f32>((<f64>load<f32>(x + p) - m) * scale));
    }
    store<f32>(mean + ((<usize>j) << 2), <f32>m);
    store<f32>(variance + ((<usize>j) << 2), <f32>s);
  }
}

/**
 * dx = r (g - mean(g) - y mean(g y)), means over a and b of [a,c,b]; r[c]: the cotangent of x under
 * `normalize`.
 */
export function normalizeGrad(g: usize, y: usize, r: usize, dx: usize, a: i32, c: i32, b: i32): void {
  const n = <f64>(a * b);
  const step = (<usize>(c * b)) << 2;
  for (let j = 0; j < c; ++j) {
    const from = (<usize>(j * b)) << 2;
    let sum = f64x2.splat(0);
    let products = sum;
    let rest: f64 = 0;
    let restOfProducts: f64 = 0;
    for (let i = 0, at = from; i < a; ++i, at += step) {
      let p = at;
      let k = b;
      for (; k >= 4; k -= 4, p += 16) {
        const u = v128.load(g + p);
        const v = v128.load(y + p);
        sum = f64x2.add(sum, widen(u));
        products = f64x2.add(products, f64x2.add(f64x2.mul(low(u), low(v)), f64x2.mul(high(u), high(v))));
      }
      for (; k > 0; --k, p += 4) {
        const u = <f64>load<f32>(g + p);
        rest += u;
        restOfProducts += u * <f64>load<f32>(y + p);
      }
    }
    const mean = <f32>((total(sum) + rest) / n);
    const slope = <f32>((total(products) + restOfProducts) / n);
    const scale = load<f32>(r + ((<usize>j) << 2));
    const mm = f32x4.splat(mean);
    const ss = f32x4.splat(slope);
    for (let i = 0, at = from; i < a; ++i, at += step) {
      let p = at;
      let k = b;
      for (; k >= 4; k -= 4, p += 16) {
        const d = f32x4.sub(f32x4.sub(v128.load(g + p), mm), f32x4.mul(v128.load(y + p), ss));
        v128.store(dx + p, f32x4.mul(f32x4.splat(scale), d));
      }
      for (; k > 0; --k, p += 4) store<f32>(dx + p, scale * (load<f32>(g + p) - mean - load<f32>(y + p) * slope));
    }
  }
}
