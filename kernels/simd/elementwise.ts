import { exp, log, sigmoid, tanh } from './math';

// Each function is a class without content, so that the loops below, generic in it, are compiled once for every function with the
// arithmetic inside them. The numbers of the functions are those of src/backends/cpu/simd/elementwise.ts.

class Neg {}
class Square {}
class Sqrt {}
class Relu {}
class Abs {}
class Sign {}
class Exp {}
class Log {}
class Tanh {}
class Sigmoid {}
class Reciprocal {}
class Rsqrt {}
class Add {}
class Sub {}
class Mul {}
class Div {}
class Maximum {}
class Minimum {}
class Less {}
class Greater {}
class LessEqual {}
class GreaterEqual {}
class Equal {}
class NotEqual {}
class Gate {}
class Where {}
class GateGrad {}

function f1<F>(x: v128): v128 {
  if (idof<F>() == idof<Neg>()) return f32x4.neg(x);
  if (idof<F>() == idof<Square>()) return f32x4.mul(x, x);
  if (idof<F>() == idof<Sqrt>()) return f32x4.sqrt(x);
  if (idof<F>() == idof<Relu>()) return v128.bitselect(f32x4.splat(0), x, f32x4.le(x, f32x4.splat(0)));
  if (idof<F>() == idof<Abs>()) return f32x4.abs(x);
  if (idof<F>() == idof<Sign>()) return sign(x);
  if (idof<F>() == idof<Exp>()) return exp(x);
  if (idof<F>() == idof<Log>()) return log(x);
  if (idof<F>() == idof<Tanh>()) return tanh(x);
  if (idof<F>() == idof<Sigmoid>()) return sigmoid(x);
  if (idof<F>() == idof<Reciprocal>()) return f32x4.div(f32x4.splat(1), x);
  return f32x4.div(f32x4.splat(1), f32x4.sqrt(x)); // Rsqrt
}

function f2<F>(x: v128, y: v128): v128 {
  if (idof<F>() == idof<Add>()) return f32x4.add(x, y);
  if (idof<F>() == idof<Sub>()) return f32x4.sub(x, y);
  if (idof<F>() == idof<Mul>()) return f32x4.mul(x, y);
  if (idof<F>() == idof<Div>()) return f32x4.div(x, y);
  if (idof<F>() == idof<Maximum>()) return f32x4.max(x, y);
  if (idof<F>() == idof<Minimum>()) return f32x4.min(x, y);
  if (idof<F>() == idof<Less>()) return v128.and(f32x4.lt(x, y), f32x4.splat(1));
  if (idof<F>() == idof<Greater>()) return v128.and(f32x4.gt(x, y), f32x4.splat(1));
  if (idof<F>() == idof<LessEqual>()) return v128.and(f32x4.le(x, y), f32x4.splat(1));
  if (idof<F>() == idof<GreaterEqual>()) return v128.and(f32x4.ge(x, y), f32x4.splat(1));
  if (idof<F>() == idof<Equal>()) return v128.and(f32x4.eq(x, y), f32x4.splat(1));
  if (idof<F>() == idof<NotEqual>()) return v128.and(f32x4.ne(x, y), f32x4.splat(1));
  return gate(x, y);
}

function f3<F>(x: v128, y: v128, z: v128): v128 {
  if (idof<F>() == idof<Where>()) return v128.bitselect(y, z, f32x4.ne(x, f32x4.splat(0)));
  return f32x4.mul(x, gateSlope(y, z));
}

/** -1 or 1; x itself where it is 0 or NaN. */
export function sign(x: v128): v128 {
  const unit = v128.or(v128.and(x, i32x4.splat(0x80000000)), f32x4.splat(1));
  return v128.bitselect(unit, x, f32x4.gt(f32x4.abs(x), f32x4.splat(0)));
}

/** m^2 / (m^2 + eps) as 1 / (1 + (s/m)^2), s = sqrt(eps): see src/ops/gate.ts. */
export function gate(m: v128, eps: v128): v128 {
  const ratio = f32x4.div(f32x4.sqrt(eps), m);
  const value = f32x4.div(f32x4.splat(1), f32x4.add(f32x4.splat(1), f32x4.mul(ratio, ratio)));
  return v128.and(value, f32x4.ne(m, f32x4.splat(0)));
}
/** The slope of `gate` in m: 2 m eps / (m^2 + eps)^2. */
export function gateSlope(m: v128, eps: v128): v128 {
  const one = f32x4.splat(1);
  const s = f32x4.sqrt(eps);
  const a = f32x4.div(m, s);
  const q = f32x4.div(f32x4.div(f32x4.splat(2), s), f32x4.add(one, f32x4.mul(a, a)));
  const slope = f32x4.mul(q, f32x4.div(one, f32x4.add(f32x4.div(one, a), a)));
  const zero = f32x4.splat(0);
  return v128.and(slope, v128.and(f32x4.ne(m, zero), f32x4.ne(eps, zero)));
}

/** Four elements, or one repeated where the operand stands still. */
function four(at: usize, step: i32): v128 {
  return step ? v128.load(at) : v128.load32_splat(at);
}

// What four does not divide goes through the same arithmetic, an element at a time.

function loop1<F>(out: usize, x: usize, x0: i32, x1: i32, x2: i32, d0: i32, d1: i32, n: i32): void {
  for (let i = 0; i < d0; ++i)
    for (let j = 0; j < d1; ++j) {
      let a = x + i * x0 + j * x1;
      let k = n;
      for (; k >= 4; k -= 4, out += 16, a += x2 << 2) v128.store(out, f1<F>(four(a, x2)));
      for (; k > 0; --k, out += 4, a += x2) v128.store32_lane(out, f1<F>(v128.load32_splat(a)), 0);
    }
}

// prettier-ignore
function loop2<F>(out: usize, x: usize, x0: i32, x1: i32, x2: i32, y: usize, y0: i32, y1: i32, y2: i32, d0: i32, d1: i32, n: i32): void {
  for (let i = 0; i < d0; ++i)
    for (let j = 0; j < d1; ++j) {
      let a = x + i * x0 + j * x1, b = y + i * y0 + j * y1;
      let k = n;
      if (x2 == 4 && y2 == 4)
        for (; k >= 4; k -= 4, out += 16, a += 16, b += 16) v128.store(out, f2<F>(v128.load(a), v128.load(b)));
      else for (; k >= 4; k -= 4, out += 16, a += x2 << 2, b += y2 << 2) v128.store(out, f2<F>(four(a, x2), four(b, y2)));
      for (; k > 0; --k, out += 4, a += x2, b += y2) v128.store32_lane(out, f2<F>(v128.load32_splat(a), v128.load32_splat(b)), 0);
    }
}

// prettier-ignore
function loop3<F>(out: usize, x: usize, x0: i32, x1: i32, x2: i32, y: usize, y0: i32, y1: i32, y2: i32, z: usize, z0: i32, z1: i32, z2: i32, d0: i32, d1: i32, n: i32): void {
  for (let i = 0; i < d0; ++i)
    for (let j = 0; j < d1; ++j) {
      let a = x + i * x0 + j * x1, b = y + i * y0 + j * y1, c = z + i * z0 + j * z1;
      let k = n;
      for (; k >= 4; k -= 4, out += 16, a += x2 << 2, b += y2 << 2, c += z2 << 2)
        v128.store(out, f3<F>(four(a, x2), four(b, y2), four(c, z2)));
      for (; k > 0; --k, out += 4, a += x2, b += y2, c += z2)
        v128.store32_lane(out, f3<F>(v128.load32_splat(a), v128.load32_splat(b), v128.load32_splat(c)), 0);
    }
}

/** out [d0,d1,n] = f(x); x has a step in bytes for each axis, the last 4 or 0. */
// prettier-ignore
export function unary(op: i32, out: usize, x: usize, x0: i32, x1: i32, x2: i32, d0: i32, d1: i32, n: i32): void {
  switch (op) {
    case 0: return loop1<Neg>(out, x, x0, x1, x2, d0, d1, n);
    case 1: return loop1<Square>(out, x, x0, x1, x2, d0, d1, n);
    case 2: return loop1<Sqrt>(out, x, x0, x1, x2, d0, d1, n);
    case 3: return loop1<Relu>(out, x, x0, x1, x2, d0, d1, n);
    case 4: return loop1<Abs>(out, x, x0, x1, x2, d0, d1, n);
    case 5: return loop1<Sign>(out, x, x0, x1, x2, d0, d1, n);
    case 6: return loop1<Exp>(out, x, x0, x1, x2, d0, d1, n);
    case 7: return loop1<Log>(out, x, x0, x1, x2, d0, d1, n);
    case 8: return loop1<Tanh>(out, x, x0, x1, x2, d0, d1, n);
    case 9: return loop1<Sigmoid>(out, x, x0, x1, x2, d0, d1, n);
    case 10: return loop1<Reciprocal>(out, x, x0, x1, x2, d0, d1, n);
    default: return loop1<Rsqrt>(out, x, x0, x1, x2, d0, d1, n);
  }
}

/** out [d0,d1,n] = f(x, y); steps as in `unary`. */
// prettier-ignore
export function binary(op: i32, out: usize, x: usize, x0: i32, x1: i32, x2: i32, y: usize, y0: i32, y1: i32, y2: i32, d0: i32, d1: i32, n: i32): void {
  switch (op) {
    case 0: return loop2<Add>(out, x, x0, x1, x2, y, y0, y1, y2, d0, d1, n);
    case 1: return loop2<Sub>(out, x, x0, x1, x2, y, y0, y1, y2, d0, d1, n);
    case 2: return loop2<Mul>(out, x, x0, x1, x2, y, y0, y1, y2, d0, d1, n);
    case 3: return loop2<Div>(out, x, x0, x1, x2, y, y0, y1, y2, d0, d1, n);
    case 4: return loop2<Maximum>(out, x, x0, x1, x2, y, y0, y1, y2, d0, d1, n);
    case 5: return loop2<Minimum>(out, x, x0, x1, x2, y, y0, y1, y2, d0, d1, n);
    case 6: return loop2<Less>(out, x, x0, x1, x2, y, y0, y1, y2, d0, d1, n);
    case 7: return loop2<Greater>(out, x, x0, x1, x2, y, y0, y1, y2, d0, d1, n);
    case 8: return loop2<LessEqual>(out, x, x0, x1, x2, y, y0, y1, y2, d0, d1, n);
    case 9: return loop2<GreaterEqual>(out, x, x0, x1, x2, y, y0, y1, y2, d0, d1, n);
    case 10: return loop2<Equal>(out, x, x0, x1, x2, y, y0, y1, y2, d0, d1, n);
    case 11: return loop2<NotEqual>(out, x, x0, x1, x2, y, y0, y1, y2, d0, d1, n);
    default: return loop2<Gate>(out, x, x0, x1, x2, y, y0, y1, y2, d0, d1, n);
  }
}

/** out [d0,d1,n] = f(x, y, z); steps as in `unary`. */
// prettier-ignore
export function ternary(op: i32, out: usize, x: usize, x0: i32, x1: i32, x2: i32, y: usize, y0: i32, y1: i32, y2: i32, z: usize, z0: i32, z1: i32, z2: i32, d0: i32, d1: i32, n: i32): void {
  if (op == 0) loop3<Where>(out, x, x0, x1, x2, y, y0, y1, y2, z, z0, z1, z2, d0, d1, n);
  else loop3<GateGrad>(out, x, x0, x1, x2, y, y0, y1, y2, z, z0, z1, z2, d0, d1, n);
}
