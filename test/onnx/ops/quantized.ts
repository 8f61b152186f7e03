import * as b from 'bigrad';
import type { Tensor } from 'bigrad';
import { fromFront, NotExpressible, type Call, type Expression } from '../node.js';
import { windows } from './windows.js';

const { add, cast, div, mul, sub } = b;
const real = (x: Tensor): Tensor => cast(x, 'float32');

/** A number, or one for each place along an axis, beside x. */
const beside = (t: Tensor, x: Tensor, axis: number): Tensor =>
  t.size === 1
    ? b.reshape(t, [])
    : b.reshape(
        t,
        x.shape.map((d, i) => (i === fromFront(axis, x.shape.length) ? d : 1)),
      );

/** The integers that a type of 8 bits holds. */
const limitsOf = (type: string | undefined): [number, number] => (type === 'int8' ? [-128, 127] : [0, 255]);

/** The nearest integers of 8 bits, ties to the even one. */
const saturated = (x: Tensor, zero: Tensor, [low, high]: [number, number]): Tensor =>
  cast(b.clamp(add(b.round(x), real(zero)), low, high), 'int32');

/** What integers stand for, before the scale. */
const centred = (x: Tensor, zero: Tensor | undefined, axis: number): Tensor =>
  zero ? sub(x, beside(zero, x, axis)) : x;

function quantize(call: Call, x: Tensor, scale: Tensor, zero: Tensor | undefined): Tensor {
  const axis = call.int('axis', 1);
  const from = zero ?? b.zeros([1], { dtype: 'int32' });
  return saturated(div(x, beside(scale, x, axis)), beside(from, x, axis), limitsOf(call.types[2]));
}

function dequantize(call: Call, x: Tensor, scale: Tensor, zero: Tensor | undefined): Tensor {
  const axis = call.int('axis', 1);
  return mul(real(centred(x, zero, axis)), beside(scale, x, axis));
}

/** Scale and zero by the range of x, which has 0 in it. */
function dynamic(_: Call, x: Tensor): Tensor[] {
  const [low, high] = [b.minimum(b.min(x), 0), b.maximum(b.max(x), 0)];
  const scale = div(sub(high, low), 255);
  const zero = cast(b.clamp(b.round(div(b.neg(low), scale)), 0, 255), 'int32');
  return [saturated(div(x, scale), zero, [0, 255]), scale, zero];
}

/** Products of integers are exact in float64. */
const wide = (x: Tensor): Tensor => cast(x, 'float64');
const convolved = (call: Call, x: Tensor, w: Tensor): Tensor => windows.Conv!(call, wide(x), wide(w)) as Tensor;

/** A product of numbers with scales, quantised again. */
const again =
  (product: (call: Call, x: Tensor, y: Tensor) => Tensor, axisOfScale: 0 | 1): Expression =>
  (call, ...ins) => {
    const [x, xs, xz, y, ys, yz, scale, zero, bias] = ins as [
      Tensor,
      Tensor,
      Tensor,
      Tensor,
      Tensor,
      Tensor,
      Tensor,
      Tensor,
      Tensor?,
    ];
    if (bias) throw new NotExpressible('no quantized bias');
    const whole = product(call, centred(x, xz, 1), centred(y, yz, axisOfScale));
    const rate = div(mul(wide(beside(xs, whole, 1)), wide(beside(ys, whole, 1))), wide(beside(scale, whole, 1)));
    return saturated(real(mul(whole, rate)), b.reshape(zero, []), limitsOf(call.types[7]));
  };

/** Bits move by y: a product with a power of 2, or a quotient. */
function bitShift(call: Call, x: Tensor, y: Tensor): Tensor {
  const bits = Number(/\d+$/.exec(call.types[0] ?? '')?.[0]);
  const power = b.pow(2, wide(y));
  const moved = call.text('direction', 'LEFT') === 'LEFT' ? mul(wide(x), power) : b.floor(div(wide(x), power));
  const kept = b.mod(moved, 2 ** bits);
  if (b.max(kept).item() >= 2 ** 31) throw new NotExpressible('an integer beyond 32 bits');
  return cast(kept, 'int32');
}

/** Operators on integers of few bits. */
export const quantized: Readonly<Record<string, Expression>> = {
  BitShift: (call, x, y) => bitShift(call, x, y),
  ConvInteger: (call, x, w, xz, wz) => cast(convolved(call, centred(x, xz, 1), centred(w, wz, 0)), 'int32'),
  DequantizeLinear: (call, x, scale, zero) => dequantize(call, x, scale, zero),
  DynamicQuantizeLinear: (call, x) => dynamic(call, x),
  MatMulInteger: (_, x, y, xz, yz) =>
    cast(b.matmul(wide(centred(x, xz, x.shape.length - 2)), wide(centred(y, yz, y.shape.length - 1))), 'int32'),
  QLinearConv: again(convolved, 0),
  QLinearMatMul: again((_, x, y) => b.matmul(wide(x), wide(y)), 1),
  QuantizeLinear: (call, x, scale, zero) => quantize(call, x, scale, zero),
};
