import * as b from 'bigrad';
import type { Tensor } from 'bigrad';
import * as nn from 'bigrad/nn';
import { NotExpressible, numbersOf, RANDOM, type Call, type Expression } from '../node.js';

const { add, cast, div, maximum, minimum, mul, sub, where } = b;

/** Bools are integers 0 and 1. */
const bool = (x: Tensor): Tensor => cast(x, 'int32');
const isInt = (x: Tensor): boolean => x.dtype === 'int32';

/** An operator without attributes. */
const plain =
  (f: (x: Tensor) => Tensor): Expression =>
  (_, x) =>
    f(x);
const two =
  (f: (x: Tensor, y: Tensor) => Tensor): Expression =>
  (_, x, y) =>
    f(x, y);

/** Arithmetic of unsigned integers of a few bits wraps around at other places than int32 does. */
const wrapping =
  (f: (x: Tensor, y: Tensor) => Tensor): Expression =>
  (call, x, y) => {
    const narrow = call.types.find((type) => type !== undefined && /^u?int(8|16)$|^uint/.test(type));
    if (narrow === undefined) return f(x, y);
    if (narrow !== 'uint8' && narrow !== 'uint16') throw new NotExpressible(`arithmetic of ${narrow} wraps around`);
    const whole = b.floor(f(cast(x, 'float64'), cast(y, 'float64')));
    return cast(b.mod(whole, narrow === 'uint8' ? 256 : 65536), 'int32');
  };

/** From the left: a sum of any number of tensors, say. */
const fold =
  (f: (x: Tensor, y: Tensor) => Tensor): Expression =>
  (_, ...xs) =>
    xs.reduce((x, y) => f(x, y));

const logic = (f: (x: Tensor, y: Tensor) => Tensor): Expression => two((x, y) => bool(f(x, y)));

function pow(_: Call, x: Tensor, y: Tensor | undefined): Tensor {
  const real = (t: Tensor): Tensor => cast(t, x.dtype === 'float64' || y!.dtype === 'float64' ? 'float64' : 'float32');
  const power = b.pow(real(x), real(y!));
  return isInt(x) ? bool(b.round(power)) : power;
}

/** Python's modulo, or that of C with the sign of x. */
function mod(call: Call, x: Tensor, y: Tensor): Tensor {
  return call.int('fmod', 0) ? mul(b.sign(x), b.mod(b.abs(x), b.abs(y))) : b.mod(x, y);
}

/** The limits are attributes before version 11, and inputs from then on. */
function clip(call: Call, x: Tensor): Tensor {
  const limit = (at: number, name: string): Tensor | number | undefined =>
    call.ins[at] ?? (call.has(name) ? call.float(name, 0) : undefined);
  const [lo, hi] = [limit(1, 'min'), limit(2, 'max')];
  const above = lo === undefined ? x : maximum(x, lo);
  return hi === undefined ? above : minimum(above, hi);
}

function dropout(call: Call, x: Tensor, ratio?: Tensor, training?: Tensor): Tensor[] {
  const rate = ratio ? numbersOf(ratio)[0]! : call.float('ratio', 0.5);
  if (training && numbersOf(training)[0] !== 0 && rate > 0) throw new NotExpressible(RANDOM);
  return [x, cast(b.onesLike(x), 'int32')];
}

function infinite(call: Call, x: Tensor): Tensor {
  const [up, down] = [call.int('detect_positive', 1), call.int('detect_negative', 1)];
  const found = (on: number, at: number): Tensor => mul(b.equal(x, at), on);
  return bool(maximum(found(up, Infinity), found(down, -Infinity)));
}

function shrink(call: Call, x: Tensor): Tensor {
  const [bias, limit] = [call.float('bias', 0), call.float('lambd', 0.5)];
  return where(b.less(x, -limit), add(x, bias), where(b.greater(x, limit), sub(x, bias), 0));
}

/** a_0 - a_1 cos(2 pi n / N) + a_2 cos(4 pi n / N) for n below a length. */
const window =
  (...a: readonly number[]): Expression =>
  (call, size) => {
    const length = numbersOf(size)[0]!;
    const n = b.arange(length);
    const turns = (k: number): Tensor => mul(n, (2 * Math.PI * k) / (length - 1 + call.int('periodic', 1)));
    return a.map((v, k) => mul(b.cos(turns(k)), k % 2 ? -v : v)).reduce((x, y) => add(x, y));
  };

/** Operators on each element. */
export const elementwise: Readonly<Record<string, Expression>> = {
  Abs: plain(b.abs),
  Acos: plain(b.acos),
  Acosh: plain(b.acosh),
  Asin: plain(b.asin),
  Asinh: plain(b.asinh),
  Atan: plain(b.atan),
  Atanh: plain(b.atanh),
  Ceil: plain(b.ceil),
  Cos: plain(b.cos),
  Cosh: plain(b.cosh),
  Erf: plain(b.erf),
  Exp: plain(b.exp),
  Floor: plain(b.floor),
  HardSwish: plain(nn.hardSwish),
  IsNaN: plain((x) => bool(b.notEqual(x, x))),
  Log: plain(b.log),
  Neg: plain(b.neg),
  Not: plain((x) => b.equal(x, 0)),
  Reciprocal: plain(b.reciprocal),
  Relu: plain(b.relu),
  Round: plain(b.round),
  Sigmoid: plain(b.sigmoid),
  Sign: plain(b.sign),
  Sin: plain(b.sin),
  Sinh: plain(b.sinh),
  Softplus: plain(b.softplus),
  Softsign: plain(nn.softsign),
  Sqrt: plain(b.sqrt),
  Tan: plain(b.tan),
  Tanh: plain(b.tanh),

  Celu: (call, x) => nn.celu(x, call.float('alpha', 1)),
  Clip: clip,
  Dropout: dropout,
  Elu: (call, x) => b.elu(x, call.float('alpha', 1)),
  HardSigmoid: (call, x) => b.clamp(add(mul(x, call.float('alpha', 0.2)), call.float('beta', 0.5)), 0, 1),
  IsInf: infinite,
  LeakyRelu: (call, x) => b.leakyRelu(x, call.float('alpha', 0.01)),
  PRelu: (_, x, slope) => where(b.greater(x, 0), x, mul(x, slope)),
  Selu: (call, x) => mul(b.elu(x, call.float('alpha', 1.6732631921768188)), call.float('gamma', 1.0507010221481323)),
  Shrink: shrink,
  ThresholdedRelu: (call, x) => where(b.greater(x, call.float('alpha', 1)), x, 0),

  Add: wrapping(add),
  Sub: wrapping(sub),
  Mul: wrapping(mul),
  Div: wrapping(div),
  Pow: pow,
  Mod: (call, x, y) => mod(call, x, y),
  And: logic((x, y) => mul(x, y)),
  Or: logic((x, y) => maximum(x, y)),
  Xor: logic((x, y) => b.notEqual(x, y)),
  Equal: logic(b.equal),
  Greater: logic(b.greater),
  GreaterOrEqual: logic(b.greaterEqual),
  Less: logic(b.less),
  LessOrEqual: logic(b.lessEqual),
  Where: (_, condition, x, y) => where(condition, x, y),

  Sum: fold(add),
  Mean: (call, ...xs) =>
    div(
      xs.reduce((x, y) => add(x, y)),
      call.ins.length,
    ),
  Max: fold(maximum),
  Min: fold(minimum),

  BlackmanWindow: window(0.42, 0.5, 0.08),
  HammingWindow: window(25 / 46, 1 - 25 / 46),
  HannWindow: window(0.5, 0.5),
};
