import { erf, exp, expm1, log, log1p, sigmoid, softplus, tanh } from './math';
import { cos, sin } from './turn';

// Each op is a class of its name without content, so that the loops of loops.ts, generic in it, are
// compiled once for every op with the arithmetic of its `of` inside them. A class is all that an op
// needs to have a kernel: kernels/elementwise.ts numbers them and generates the calls.

export class Neg { @inline of(x: v128): v128 { return f32x4.neg(x); } } // prettier-ignore
export class Square { @inline of(x: v128): v128 { return f32x4.mul(x, x); } } // prettier-ignore
export class Floor { @inline of(x: v128): v128 { return f32x4.floor(x); } } // prettier-ignore
export class Sqrt { @inline of(x: v128): v128 { return f32x4.sqrt(x); } } // prettier-ignore
export class Relu { @inline of(x: v128): v128 { return v128.bitselect(f32x4.splat(0), x, f32x4.le(x, f32x4.splat(0))); } } // prettier-ignore
export class Abs { @inline of(x: v128): v128 { return f32x4.abs(x); } } // prettier-ignore
export class Sign { @inline of(x: v128): v128 { return sign(x); } } // prettier-ignore
export class Exp { @inline of(x: v128): v128 { return exp(x); } } // prettier-ignore
export class Log { @inline of(x: v128): v128 { return log(x); } } // prettier-ignore
export class Expm1 { @inline of(x: v128): v128 { return expm1(x); } } // prettier-ignore
export class Log1p { @inline of(x: v128): v128 { return log1p(x); } } // prettier-ignore
export class Softplus { @inline of(x: v128): v128 { return softplus(x); } } // prettier-ignore
export class Erf { @inline of(x: v128): v128 { return erf(x); } } // prettier-ignore
export class Sin { @inline of(x: v128): v128 { return sin(x); } } // prettier-ignore
export class Cos { @inline of(x: v128): v128 { return cos(x); } } // prettier-ignore
export class Tanh { @inline of(x: v128): v128 { return tanh(x); } } // prettier-ignore
export class Sigmoid { @inline of(x: v128): v128 { return sigmoid(x); } } // prettier-ignore
export class Reciprocal { @inline of(x: v128): v128 { return f32x4.div(f32x4.splat(1), x); } } // prettier-ignore
export class Rsqrt { @inline of(x: v128): v128 { return f32x4.div(f32x4.splat(1), f32x4.sqrt(x)); } } // prettier-ignore
export class Add { @inline of(x: v128, y: v128): v128 { return f32x4.add(x, y); } } // prettier-ignore
export class Sub { @inline of(x: v128, y: v128): v128 { return f32x4.sub(x, y); } } // prettier-ignore
export class Mul { @inline of(x: v128, y: v128): v128 { return f32x4.mul(x, y); } } // prettier-ignore
export class Div { @inline of(x: v128, y: v128): v128 { return f32x4.div(x, y); } } // prettier-ignore
export class Maximum { @inline of(x: v128, y: v128): v128 { return f32x4.max(x, y); } } // prettier-ignore
export class Minimum { @inline of(x: v128, y: v128): v128 { return f32x4.min(x, y); } } // prettier-ignore
export class Less { @inline of(x: v128, y: v128): v128 { return v128.and(f32x4.lt(x, y), f32x4.splat(1)); } } // prettier-ignore
export class Greater { @inline of(x: v128, y: v128): v128 { return v128.and(f32x4.gt(x, y), f32x4.splat(1)); } } // prettier-ignore
export class LessEqual { @inline of(x: v128, y: v128): v128 { return v128.and(f32x4.le(x, y), f32x4.splat(1)); } } // prettier-ignore
export class GreaterEqual { @inline of(x: v128, y: v128): v128 { return v128.and(f32x4.ge(x, y), f32x4.splat(1)); } } // prettier-ignore
export class Equal { @inline of(x: v128, y: v128): v128 { return v128.and(f32x4.eq(x, y), f32x4.splat(1)); } } // prettier-ignore
export class NotEqual { @inline of(x: v128, y: v128): v128 { return v128.and(f32x4.ne(x, y), f32x4.splat(1)); } } // prettier-ignore
export class Gate { @inline of(x: v128, y: v128): v128 { return gate(x, y); } } // prettier-ignore
export class Where { @inline of(x: v128, y: v128, z: v128): v128 { return v128.bitselect(y, z, f32x4.ne(x, f32x4.splat(0))); } } // prettier-ignore
export class GateGrad { @inline of(x: v128, y: v128, z: v128): v128 { return f32x4.mul(x, gateSlope(y, z)); } } // prettier-ignore

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
