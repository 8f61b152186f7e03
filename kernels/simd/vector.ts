/** a b + c in each lane: rounded once where the build may use relaxed SIMD, else twice. */
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

// How four elements lie in memory, from their byte offsets: one after another, two and two, or
// anyhow.
export const TOGETHER: i32 = 0;
export const PAIRS: i32 = 1;
export const APART: i32 = 2;

export function layout(t0: i32, t1: i32, t2: i32, t3: i32): i32 {
  if (t1 != t0 + 4 || t3 != t2 + 4) return APART;
  return t2 == t0 + 8 ? TOGETHER : PAIRS;
}

/** The elements at four byte offsets from `from`. */
export function gather(from: usize, how: i32, t0: i32, t1: i32, t2: i32, t3: i32): v128 {
  if (how == TOGETHER) return v128.load(from + t0);
  if (how == PAIRS) return v128.load64_lane(from + t2, v128.load64_zero(from + t0), 1);
  let v = v128.load32_zero(from + t0);
  v = v128.load32_lane(from + t1, v, 1);
  v = v128.load32_lane(from + t2, v, 2);
  return v128.load32_lane(from + t3, v, 3);
}

/** Stores the elements of `v` at four byte offsets from `to`. */
export function scatter(to: usize, how: i32, t0: i32, t1: i32, t2: i32, t3: i32, v: v128): void {
  if (how == TOGETHER) v128.store(to + t0, v);
  else if (how == PAIRS) {
    v128.store64_lane(to + t0, v, 0);
    v128.store64_lane(to + t2, v, 1);
  } else {
    v128.store32_lane(to + t0, v, 0);
    v128.store32_lane(to + t1, v, 1);
    v128.store32_lane(to + t2, v, 2);
    v128.store32_lane(to + t3, v, 3);
  }
}

/** Both halves of four floats as doubles, added. */
export function widen(v: v128): v128 {
  return f64x2.add(f64x2.promote_low_f32x4(v), f64x2.promote_low_f32x4(v128.shuffle<i64>(v, v, 1, 1)));
}

/** The sum of both doubles. */
export function total(v: v128): f64 {
  return f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1);
}

/** a b + c in both doubles: rounded once where the build may use relaxed SIMD, else twice. */
export function maddDoubles(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f64x2.relaxed_madd(a, b, c);
  return f64x2.add(f64x2.mul(a, b), c);
}
