import { exp, log, sigmoid, tanh } from './math';

// The numbers of the functions are those of src/backends/cpu/simd/elementwise.ts. One choice per four elements costs little
// beside memory, and is made once more for what is left over, which goes through the same arithmetic.

const zero = f32x4.splat(0);
const one = f32x4.splat(1);

function function1(op: i32, x: v128): v128 {
  switch (op) {
    case 0: return f32x4.neg(x);
    case 1: return f32x4.mul(x, x);
    case 2: return f32x4.sqrt(x);
    case 3: return v128.bitselect(zero, x, f32x4.le(x, zero)); // relu
    case 4: return f32x4.abs(x);
    case 5: return v128.bitselect(x, v128.or(v128.and(x, i32x4.splat(0x80000000)), one), v128.not(f32x4.gt(f32x4.abs(x), zero))); // sign
    case 6: return exp(x);
    case 7: return log(x);
    case 8: return tanh(x);
    case 9: return sigmoid(x);
    case 10: return f32x4.div(one, x);
    default: return f32x4.div(one, f32x4.sqrt(x));
  }
} // prettier-ignore

function function2(op: i32, x: v128, y: v128): v128 {
  switch (op) {
    case 0: return f32x4.add(x, y);
    case 1: return f32x4.sub(x, y);
    case 2: return f32x4.mul(x, y);
    case 3: return f32x4.div(x, y);
    case 4: return f32x4.max(x, y);
    case 5: return f32x4.min(x, y);
    case 6: return v128.and(f32x4.lt(x, y), one);
    case 7: return v128.and(f32x4.gt(x, y), one);
    case 8: return v128.and(f32x4.le(x, y), one);
    case 9: return v128.and(f32x4.ge(x, y), one);
    case 10: return v128.and(f32x4.eq(x, y), one);
    case 11: return v128.and(f32x4.ne(x, y), one);
    default: return gate(x, y);
  }
} // prettier-ignore

function function3(op: i32, x: v128, y: v128, z: v128): v128 {
  if (op == 0) return v128.bitselect(y, z, f32x4.ne(x, zero)); // where
  return f32x4.mul(x, gateSlope(y, z));
}

/** m^2 / (m^2 + eps) as 1 / (1 + (s/m)^2), s = sqrt(eps): see src/ops/gate.ts. */
function gate(m: v128, eps: v128): v128 {
  const ratio = f32x4.div(f32x4.sqrt(eps), m);
  return f32x4.div(one, f32x4.add(one, f32x4.mul(ratio, ratio)));
}
function gateSlope(m: v128, eps: v128): v128 {
  const s = f32x4.sqrt(eps);
  const a = f32x4.div(m, s);
  const q = f32x4.div(f32x4.div(f32x4.splat(2), s), f32x4.add(one, f32x4.mul(a, a)));
  return f32x4.mul(q, f32x4.div(one, f32x4.add(f32x4.div(one, a), a)));
}

/** Four elements, or one repeated where the operand stands still. */
function four(at: usize, step: i32): v128 {
  return step ? v128.load(at) : v128.load32_splat(at);
}

/** out [d0,d1,n] = f(x); x has a step in bytes for each axis, the last 4 or 0. */
export function unary(op: i32, out: usize, x: usize, x0: i32, x1: i32, x2: i32, d0: i32, d1: i32, n: i32): void {
  for (let i = 0; i < d0; ++i)
    for (let j = 0; j < d1; ++j) {
      let a = x + i * x0 + j * x1;
      let k = n;
      for (; k >= 4; k -= 4, out += 16, a += x2 << 2) v128.store(out, function1(op, four(a, x2)));
      for (; k > 0; --k, out += 4, a += x2) v128.store32_lane(out, function1(op, v128.load32_splat(a)), 0);
    }
}

/** out [d0,d1,n] = f(x, y); steps as in `unary`. */
// prettier-ignore
export function binary(op: i32, out: usize, x: usize, x0: i32, x1: i32, x2: i32, y: usize, y0: i32, y1: i32, y2: i32, d0: i32, d1: i32, n: i32): void {
  for (let i = 0; i < d0; ++i)
    for (let j = 0; j < d1; ++j) {
      let a = x + i * x0 + j * x1, b = y + i * y0 + j * y1;
      let k = n;
      for (; k >= 4; k -= 4, out += 16, a += x2 << 2, b += y2 << 2) v128.store(out, function2(op, four(a, x2), four(b, y2)));
      for (; k > 0; --k, out += 4, a += x2, b += y2)
        v128.store32_lane(out, function2(op, v128.load32_splat(a), v128.load32_splat(b)), 0);
    }
}

/** out [d0,d1,n] = f(x, y, z); steps as in `unary`. */
// prettier-ignore
export function ternary(op: i32, out: usize, x: usize, x0: i32, x1: i32, x2: i32, y: usize, y0: i32, y1: i32, y2: i32, z: usize, z0: i32, z1: i32, z2: i32, d0: i32, d1: i32, n: i32): void {
  for (let i = 0; i < d0; ++i)
    for (let j = 0; j < d1; ++j) {
      let a = x + i * x0 + j * x1, b = y + i * y0 + j * y1, c = z + i * z0 + j * z1;
      let k = n;
      for (; k >= 4; k -= 4, out += 16, a += x2 << 2, b += y2 << 2, c += z2 << 2)
        v128.store(out, function3(op, four(a, x2), four(b, y2), four(c, z2)));
      for (; k > 0; --k, out += 4, a += x2, b += y2, c += z2)
        v128.store32_lane(out, function3(op, v128.load32_splat(a), v128.load32_splat(b), v128.load32_splat(c)), 0);
    }
}
