function four(at: usize, n: i32): v128 {
  return n >= 4 ? v128.load(at) : v128.load32_splat(at);
}
function keep(at: usize, n: i32, v: v128): void {
  if (n >= 4) v128.store(at, v);
  else v128.store32_lane(at, v, 0);
}

/**
 * m1 = beta1 m + rest1 g, v1 = beta2 v + rest2 g^2, p1 = p - (m1 / c1) / (sqrt(v1 / c2 + epsRoot) +
 * eps) rate over n elements, with rate, c1 and c2 at their addresses. Results may take the place of
 * what they replace. What four does not divide goes as four equal ones.
 */
export function adamStep(
  p: usize,
  g: usize,
  m: usize,
  v: usize,
  rate: usize,
  c1: usize,
  c2: usize,
  p1: usize,
  m1: usize,
  v1: usize,
  n: i32,
  beta1: f32,
  rest1: f32,
  beta2: f32,
  rest2: f32,
  eps: f32,
  epsRoot: f32,
): void {
  const rates = v128.load32_splat(rate),
    c1s = v128.load32_splat(c1),
    c2s = v128.load32_splat(c2);
  for (let at: usize = 0; n > 0;) {
    const d = four(g + at, n);
    const mean = f32x4.add(f32x4.mul(four(m + at, n), f32x4.splat(beta1)), f32x4.mul(d, f32x4.splat(rest1)));
    const square = f32x4.add(
      f32x4.mul(four(v + at, n), f32x4.splat(beta2)),
      f32x4.mul(f32x4.mul(d, d), f32x4.splat(rest2)),
    );
    const root = f32x4.sqrt(f32x4.add(f32x4.div(square, c2s), f32x4.splat(epsRoot)));
    const by = f32x4.div(f32x4.div(mean, c1s), f32x4.add(root, f32x4.splat(eps)));
    keep(p1 + at, n, f32x4.sub(four(p + at, n), f32x4.mul(by, rates)));
    keep(m1 + at, n, mean);
    keep(v1 + at, n, square);
    const done = n >= 4 ? 4 : 1;
    n -= done;
    at += (<usize>done) << 2;
  }
}
