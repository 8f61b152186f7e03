import { madd } from './vector';

// Polynomials of Cephes (S. Moshier), in single precision; relative error about 1e-7. NaN and
// infinities as in Math.

const one = f32x4.splat(1);

function horner(x: v128, acc: v128, c: f32): v128 {
  return madd(acc, x, f32x4.splat(c));
}

/** e^x */
export function exp(x: v128): v128 {
  // Beyond these limits the result is 0 or infinite in single precision anyway. With x in front,
  // pmin and pmax hand NaN on.
  return expWithin(f32x4.pmax(f32x4.pmin(x, f32x4.splat(89)), f32x4.splat(-105)));
}

/**
 * e^x = 2^n e^r with n the integer next to x / ln 2 and |r| at most ln 2 / 2, for x from -105 to 89.
 */
export function expWithin(x: v128): v128 {
  const n = nearestPower(x);
  const r = remainder(x, n);
  const p = f32x4.add(madd(expTail(r), f32x4.mul(r, r), r), one);
  // 2^n in two factors, since neither end of the range fits one.
  const k = i32x4.trunc_sat_f32x4_s(n);
  const half = i32x4.shr_s(k, 1);
  return f32x4.mul(f32x4.mul(p, power(half)), power(i32x4.sub(k, half)));
}

/** e^x - 1 = 2^n (e^r - 1) + (2^n - 1) with n and r of `expWithin`. Both differences keep their bits. */
export function expm1(x: v128): v128 {
  const b = f32x4.pmax(f32x4.pmin(x, f32x4.splat(89)), f32x4.splat(-18)); // -1 from there on
  const n = nearestPower(b);
  const r = remainder(b, n);
  // n is 128 at the end of the range, and 2^128 infinite: half of the result, twice.
  const k = i32x4.trunc_sat_f32x4_s(n);
  const end = i32x4.gt_s(k, i32x4.splat(127));
  const scale = power(i32x4.add(k, end)); // the mask is -1
  const line = madd(scale, r, f32x4.sub(scale, one));
  const y = madd(f32x4.mul(expTail(r), f32x4.mul(r, r)), scale, line);
  return v128.bitselect(x, f32x4.add(y, v128.and(y, end)), f32x4.eq(x, f32x4.splat(0))); // the sign of a zero
}

/** The integer next to x / ln 2. */
function nearestPower(x: v128): v128 {
  return f32x4.nearest(f32x4.mul(x, f32x4.splat(1.44269504088896341)));
}

/** x - n ln 2 */
function remainder(x: v128, n: v128): v128 {
  const r = f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693359375))); // the product is exact: few bits in the constant
  return madd(n, f32x4.splat(2.1219444e-4), r);
}

/** (e^r - 1 - r) / r^2 for |r| up to ln 2 / 2. */
function expTail(r: v128): v128 {
  let p = f32x4.splat(1.98756915e-4);
  p = horner(r, p, 1.3981999507e-3);
  p = horner(r, p, 8.3334519073e-3);
  p = horner(r, p, 4.1665795894e-2);
  p = horner(r, p, 1.6666665459e-1);
  return horner(r, p, 5.0000001201e-1);
}

/** 2^n for n from -126 to 127. */
function power(n: v128): v128 {
  return i32x4.shl(i32x4.add(n, i32x4.splat(127)), 23);
}

/** log x = e ln 2 + log m with x = 2^e m and m from sqrt(1/2) to sqrt(2). */
export function log(x: v128): v128 {
  const tiny = f32x4.lt(x, f32x4.splat(1.17549435e-38));
  const y = v128.bitselect(f32x4.mul(x, f32x4.splat(33554432)), x, tiny); // subnormal numbers times 2^25
  let e = i32x4.sub(i32x4.shr_u(y, 23), i32x4.splat(126));
  e = i32x4.sub(e, v128.and(tiny, i32x4.splat(25)));
  let m = v128.or(v128.and(y, i32x4.splat(0x007fffff)), i32x4.splat(0x3f000000));
  const low = f32x4.lt(m, f32x4.splat(0.707106781186547524));
  e = i32x4.add(e, low); // the mask is -1
  m = f32x4.sub(f32x4.add(m, v128.and(m, low)), one);
  const z = f32x4.mul(m, m);
  let p = f32x4.splat(7.0376836292e-2);
  p = horner(m, p, -1.151461031e-1);
  p = horner(m, p, 1.167699874e-1);
  p = horner(m, p, -1.2420140846e-1);
  p = horner(m, p, 1.4249322787e-1);
  p = horner(m, p, -1.6668057665e-1);
  p = horner(m, p, 2.0000714765e-1);
  p = horner(m, p, -2.4999993993e-1);
  p = horner(m, p, 3.3333331174e-1);
  p = f32x4.mul(f32x4.mul(p, m), z);
  const n = f32x4.convert_i32x4_s(e);
  p = madd(n, f32x4.splat(-2.1219444e-4), p);
  p = f32x4.sub(p, f32x4.mul(z, f32x4.splat(0.5)));
  let out = f32x4.add(f32x4.add(m, p), f32x4.mul(n, f32x4.splat(0.693359375)));
  out = v128.bitselect(x, out, v128.or(f32x4.eq(x, f32x4.splat(Infinity)), f32x4.ne(x, x)));
  out = v128.bitselect(f32x4.splat(-Infinity), out, f32x4.eq(x, f32x4.splat(0)));
  return v128.bitselect(f32x4.splat(NaN), out, f32x4.lt(x, f32x4.splat(0)));
}

/** log(1 + x) = log u + (x - (u - 1)) / u, where u is 1 + x rounded. */
export function log1p(x: v128): v128 {
  const u = f32x4.add(x, one);
  const inside = v128.and(f32x4.gt(u, f32x4.splat(0)), f32x4.lt(u, f32x4.splat(Infinity)));
  const lost = f32x4.div(f32x4.sub(x, f32x4.sub(u, one)), u);
  const y = f32x4.add(log(u), v128.and(lost, inside));
  return v128.bitselect(x, y, f32x4.eq(u, one)); // also the sign of a zero
}

/** log(1 + e^x) = max(x, 0) + log(1 + e^-|x|), which does not overflow. */
export function softplus(x: v128): v128 {
  return f32x4.add(f32x4.max(x, f32x4.splat(0)), log1p(exp(f32x4.neg(f32x4.abs(x)))));
}

/** tanh x: x + x^3 p(x^2) near 0, else 1 - 2 / (e^(2|x|) + 1) with the sign of x. */
export function tanh(x: v128): v128 {
  const a = f32x4.abs(x);
  const z = f32x4.mul(x, x);
  let p = f32x4.splat(-5.70498872745e-3);
  p = horner(z, p, 2.06390887954e-2);
  p = horner(z, p, -5.37397155531e-2);
  p = horner(z, p, 1.33314422036e-1);
  p = horner(z, p, -3.33332819422e-1);
  const near = madd(f32x4.mul(p, z), x, x);
  const far = f32x4.sub(one, f32x4.div(f32x4.splat(2), f32x4.add(exp(f32x4.add(a, a)), one)));
  const size = v128.bitselect(near, far, f32x4.lt(a, f32x4.splat(0.625)));
  return v128.or(size, v128.and(x, i32x4.splat(0x80000000))); // the sign of x, which -0 keeps too
}

/** 1 / (1 + e^-x) from e^-|x|, which does not overflow. */
export function sigmoid(x: v128): v128 {
  const e = exp(f32x4.neg(f32x4.abs(x)));
  return f32x4.div(v128.bitselect(one, e, f32x4.ge(x, f32x4.splat(0))), f32x4.add(one, e));
}

/**
 * The error function: x + x p(x^2) below 1, else 1 - e^p(|x|) with the sign of x. The polynomials are
 * the best of their degree by Remez' method; beyond 4 the result is 1 in single precision.
 */
export function erf(x: v128): v128 {
  const a = f32x4.abs(x);
  const z = f32x4.mul(x, x);
  let p = f32x4.splat(7.8538613e-5);
  p = horner(z, p, -8.01019361e-4);
  p = horner(z, p, 5.18832768e-3);
  p = horner(z, p, -2.68538119e-2);
  p = horner(z, p, 1.12835851e-1);
  p = horner(z, p, -3.76126258e-1);
  p = horner(z, p, 1.28379166e-1);
  const near = madd(p, x, x);
  const b = f32x4.pmin(a, f32x4.splat(4)); // hands NaN on
  let l = f32x4.splat(1.86379171e-4);
  l = horner(b, l, -2.94765811e-3);
  l = horner(b, l, 2.18380633e-2);
  l = horner(b, l, -1.03106753e-1);
  l = horner(b, l, -6.38144835e-1);
  l = horner(b, l, -1.12708919);
  l = horner(b, l, -3.41523293e-4);
  const far = v128.or(f32x4.sub(one, exp(l)), v128.and(x, i32x4.splat(0x80000000)));
  return v128.bitselect(near, far, f32x4.lt(a, one));
}
