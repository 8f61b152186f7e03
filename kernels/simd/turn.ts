import { madd } from './vector';

// Sines and cosines by the quarter of a turn in which x lies, and what is left of x beyond it. The
// rest is found in doubles, so that it keeps its digits next to a multiple of a quarter.

/** From here on multiples of a quarter have too many digits for doubles. */
const LARGE: f32 = 33554432;
const TURNS: f64 = 0.63661977236758134308; // 2 / pi
const QUARTER: f64 = 1.5707963267948966192; // pi / 2
// The same in two parts, of which the first has 28 bits: its multiples are exact.
const HIGH: f64 = 1.570796325802803;
const LOW: f64 = 9.920935796805404e-10;

export function sin(x: v128): v128 {
  return v128.bitselect(x, turned(x, 0), f32x4.eq(x, f32x4.splat(0))); // the sign of a zero
}

export function cos(x: v128): v128 {
  return turned(x, 1);
}

/** The sine of x and some quarters of a turn. */
function turned(x: v128, quarters: i32): v128 {
  if (v128.any_true(f32x4.ge(f32x4.abs(x), f32x4.splat(LARGE)))) return turnedFar(x, quarters);
  const a = f64x2.promote_low_f32x4(x),
    b = f64x2.promote_low_f32x4(v128.shuffle<i64>(x, x, 1, 0));
  const m = f64x2.nearest(f64x2.mul(a, f64x2.splat(TURNS))),
    n = f64x2.nearest(f64x2.mul(b, f64x2.splat(TURNS)));
  const whole = v128.shuffle<i64>(i32x4.trunc_sat_f64x2_s_zero(m), i32x4.trunc_sat_f64x2_s_zero(n), 0, 2);
  return sineOf(v128.shuffle<i64>(rest(a, m), rest(b, n), 0, 2), i32x4.add(whole, i32x4.splat(quarters)));
}

/** x - n pi / 2, in single precision. */
function rest(x: v128, n: v128): v128 {
  const near = f64x2.sub(x, f64x2.mul(n, f64x2.splat(HIGH)));
  return f32x4.demote_f64x2_zero(f64x2.sub(near, f64x2.mul(n, f64x2.splat(LOW))));
}

/** The sine of n quarters of a turn and r, |r| at most pi / 4. Polynomials of Cephes (S. Moshier). */
function sineOf(r: v128, n: v128): v128 {
  const z = f32x4.mul(r, r);
  let s = f32x4.splat(-1.9515295891e-4);
  s = madd(s, z, f32x4.splat(8.3321608736e-3));
  s = madd(s, z, f32x4.splat(-1.6666654611e-1));
  s = madd(f32x4.mul(s, z), r, r);
  let c = f32x4.splat(2.443315711809948e-5);
  c = madd(c, z, f32x4.splat(-1.388731625493765e-3));
  c = madd(c, z, f32x4.splat(4.166664568298827e-2));
  c = madd(f32x4.mul(c, z), z, madd(z, f32x4.splat(-0.5), f32x4.splat(1)));
  const odd = i32x4.shr_s(i32x4.shl(n, 31), 31);
  const negative = i32x4.shl(v128.and(n, i32x4.splat(2)), 30);
  return v128.xor(v128.bitselect(c, s, odd), negative);
}

/** The same of four numbers of which some may be large, infinite or NaN. */
function turnedFar(x: v128, quarters: i32): v128 {
  let y = f32x4.splat(far(f32x4.extract_lane(x, 0), quarters));
  y = f32x4.replace_lane(y, 1, far(f32x4.extract_lane(x, 1), quarters));
  y = f32x4.replace_lane(y, 2, far(f32x4.extract_lane(x, 2), quarters));
  return f32x4.replace_lane(y, 3, far(f32x4.extract_lane(x, 3), quarters));
}

/**
 * For |x| = m 2^e with an integer m of 24 bits: x / (pi / 2) modulo 4 needs only 96 bits of 2 / pi.
 * The first of them counts 2 in 2^e (2 / pi). Those before it give multiples of 4 (Payne and Hanek
 * 1983).
 */
function far(x: f32, quarters: i32): f32 {
  const size = abs<f32>(x);
  if (!(size < Infinity)) return NaN;
  if (size < LARGE) {
    const n = nearest<f64>(<f64>x * TURNS);
    return one(<f64>x - n * HIGH - n * LOW, <i32>n + quarters);
  }
  const bits = reinterpret<u32>(size);
  const m = <u64>((bits & 0x7fffff) | 0x800000),
    at = <i32>(bits >> 23) - 152;
  const turn = ((m * bitsFrom(at)) << 32) + m * bitsFrom(at + 32) + ((m * bitsFrom(at + 64)) >> 32);
  const n = (turn + ((<u64>1) << 61)) >> 62;
  const r = <f64>(<i64>(turn - (n << 62))) * (QUARTER / 4611686018427387904);
  return x < 0 ? one(-r, quarters - <i32>n) : one(r, quarters + <i32>n);
}

function one(r: f64, n: i32): f32 {
  return f32x4.extract_lane(sineOf(f32x4.splat(<f32>r), i32x4.splat(n)), 0);
}

/** 32 bits of 2 / pi behind its point, from the one at this place on. */
function bitsFrom(at: i32): u64 {
  const two = (word(at >> 5) << 32) | word((at >> 5) + 1),
    shift = <u64>(at & 31);
  return (two << shift) >> 32;
}

function word(i: i32): u64 {
  switch (i) {
    case 0: return 0xa2f9836e; // prettier-ignore
    case 1: return 0x4e441529; // prettier-ignore
    case 2: return 0xfc2757d1; // prettier-ignore
    case 3: return 0xf534ddc0; // prettier-ignore
    case 4: return 0xdb629599; // prettier-ignore
    case 5: return 0x3c439041; // prettier-ignore
    default:
      return 0xfe5163ab;
  }
}
