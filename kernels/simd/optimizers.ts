// Fused updates, element by element in the order of the operations of src/optim, so that both round alike. Results may take the
// place of what they replace. Four elements at a time, and what is left over as four equal ones.

function four(at: usize, n: i32): v128 {
  return n >= 4 ? v128.load(at) : v128.load32_splat(at);
}
function keep(at: usize, n: i32, v: v128): void {
  if (n >= 4) v128.store(at, v);
  else v128.store32_lane(at, v, 0);
}

/**
 * m1 = beta1 m + (1 - beta1) g, v1 = beta2 v + (1 - beta2) g^2, p1 = p - rate (m1 / c1) / (sqrt(v1 / c2 + epsRoot) + eps),
 * with g + decay p for g where decay > 0; c1 and c2 are 1 - beta^t.
 */
// prettier-ignore
export function adam(p: usize, g: usize, m: usize, v: usize, p1: usize, m1: usize, v1: usize, n: i32, rate: f32, beta1: f32, rest1: f32, beta2: f32, rest2: f32, c1: f32, c2: f32, eps: f32, epsRoot: f32, decay: f32): void {
  for (let at: usize = 0; n > 0; ) {
    const x = four(p + at, n);
    let d = four(g + at, n);
    if (decay > 0) d = f32x4.add(d, f32x4.mul(x, f32x4.splat(decay)));
    const mean = f32x4.add(f32x4.mul(four(m + at, n), f32x4.splat(beta1)), f32x4.mul(d, f32x4.splat(rest1)));
    const square = f32x4.add(f32x4.mul(four(v + at, n), f32x4.splat(beta2)), f32x4.mul(f32x4.mul(d, d), f32x4.splat(rest2)));
    let root = f32x4.div(square, f32x4.splat(c2));
    if (epsRoot > 0) root = f32x4.add(root, f32x4.splat(epsRoot));
    const by = f32x4.div(f32x4.div(mean, f32x4.splat(c1)), f32x4.add(f32x4.sqrt(root), f32x4.splat(eps)));
    keep(p1 + at, n, f32x4.sub(x, f32x4.mul(by, f32x4.splat(rate))));
    keep(m1 + at, n, mean);
    keep(v1 + at, n, square);
    const done = n >= 4 ? 4 : 1;
    n -= done;
    at += <usize>done << 2;
  }
}

/** v1 = momentum v + g, p1 = p - rate v1, or p - rate (g + momentum v1) with nesterov; without momentum p - rate g, and no v. */
// prettier-ignore
export function sgd(p: usize, g: usize, v: usize, p1: usize, v1: usize, n: i32, rate: f32, momentum: f32, nesterov: bool, decay: f32): void {
  for (let at: usize = 0; n > 0; ) {
    const x = four(p + at, n);
    let d = four(g + at, n);
    if (decay > 0) d = f32x4.add(d, f32x4.mul(x, f32x4.splat(decay)));
    if (momentum > 0) {
      const speed = f32x4.add(f32x4.mul(four(v + at, n), f32x4.splat(momentum)), d);
      keep(v1 + at, n, speed);
      d = nesterov ? f32x4.add(d, f32x4.mul(speed, f32x4.splat(momentum))) : speed;
    }
    keep(p1 + at, n, f32x4.sub(x, f32x4.mul(d, f32x4.splat(rate))));
    const done = n >= 4 ? 4 : 1;
    n -= done;
    at += <usize>done << 2;
  }
}
