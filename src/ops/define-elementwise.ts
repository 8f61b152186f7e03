import { fits, type DType } from '../core/dtype.js';
import { kindOf } from '../core/words.js';
import {
  checkTensor,
  defineOp,
  sameDType,
  sameFloat,
  type One,
  type SimpleOp,
  type Two,
  type Vjp,
} from '../core/op.js';
import { broadcastShapes, sameShape, type Shape } from '../core/shape.js';
import { owning } from '../core/storage.js';
import { Tensor, type Dense, type Traits } from '../core/tensor.js';
import { like } from './create.js';
import { broadcastTo } from './broadcast.js';

/**
 * What an elementwise op accepts: numbers stand for scalars of the other operand's dtype and
 * device.
 */
export type Operand = Tensor | number;

/** What more an elementwise op may say of itself. */
export interface ElementwiseOptions {
  /**
   * Whether int32 tensors are accepted; only functions whose values on integers are integers do.
   * Where doubles would round, the function of integers.
   */
  readonly ints?: boolean | ((...xs: number[]) => number);
  readonly traits?: Traits<null>;
}

type Scalar = (...xs: number[]) => number;

/** The function of one element in the dtype of `out`. */
const functionFor = (out: Dense, f: Scalar, ints: ElementwiseOptions['ints']): Scalar =>
  typeof ints === 'function' && out.data instanceof Int32Array ? ints : f;

/** `f` with the name that stack traces, and summaries of networks, give. */
export const named = <F extends object>(name: string, f: F): F => Object.defineProperty(f, 'name', { value: name });

/**
 * A function of one element, with its derivative rule in `(g, x, out)`.
 * @param f the value of one element
 * @param dx the cotangent of x, from that of the result; null where there is none
 * @param kernel the name of its kernels: its own for an op of the library, null for others
 */
export function unary(
  name: string,
  f: (x: number) => number,
  dx: ((g: Tensor, x: Tensor, out: Tensor) => Tensor) | null,
  { ints = false, traits }: ElementwiseOptions = {},
  kernel: string | null = name,
): (x: Tensor) => Tensor {
  const record: SimpleOp<One, null> = {
    name,
    shape: ([x]) => x,
    dtype: (dtypes) => (ints ? dtypes[0] : sameFloat(name, dtypes)),
    scalar: f,
    ...(typeof ints === 'function' && { integer: ints }),
    ...(traits && { traits }),
    ref: (out, [x]) => {
      const of = functionFor(out, f, ints);
      for (let i = 0; i < out.data.length; i++) out.data[i] = of(x.data[i]!);
    },
    vjp: dx && [(g, [x], _, out) => dx(g, x, out)],
  };
  const op = defineOp<One, null>(record, kernel);
  return named(name, (x: Tensor): Tensor => op([checkTensor(name, x)], null));
}

/** The derivative rule of one operand, or null where it has none. */
export type BinaryRule = ((g: Tensor, x: Tensor, y: Tensor, out: Tensor) => Tensor) | null;

/**
 * A function of two elements, with the rules of both. Broadcasting happens here: the rules see
 * equal shapes.
 * @param f the value of one element
 * @param rules the cotangent of x and that of y, from that of the result; null where there is none
 * @param kernel the name of its kernels: its own for an op of the library, null for others
 */
export function binary(
  name: string,
  f: (x: number, y: number) => number,
  rules: readonly [BinaryRule, BinaryRule] | null,
  { ints = false, traits }: ElementwiseOptions = {},
  kernel: string | null = name,
): (x: Operand, y: Operand) => Tensor {
  const fit = (rule: BinaryRule): Vjp<Two, null> | null => rule && ((g, [x, y], _, out) => rule(g, x, y, out));
  const record: SimpleOp<Two, null> = {
    name,
    shape: ([x]) => x,
    dtype: (dtypes) => (ints ? sameDType(name, dtypes) : sameFloat(name, dtypes)),
    scalar: f,
    ...(typeof ints === 'function' && { integer: ints }),
    ...(traits && { traits }),
    ref: (out, [x, y]) => {
      const of = functionFor(out, f, ints);
      for (let i = 0; i < out.data.length; i++) out.data[i] = of(x.data[i]!, y.data[i]!);
    },
    vjp: rules && [fit(rules[0]), fit(rules[1])],
  };
  const op = defineOp<Two, null>(record, kernel);
  return named(name, (x: Operand, y: Operand): Tensor => op(broadcast(name, [x, y]), null));
}

/**
 * Operands as tensors of one shape; numbers take the dtype and device of `alike`, or of the first
 * tensor.
 */
export function broadcast<const X extends readonly Operand[]>(
  name: string,
  xs: X,
  alike?: Tensor,
): { readonly [K in keyof X]: Tensor } {
  const first = alike ?? xs.find((x) => x instanceof Tensor);
  if (!first) throw new TypeError(`${name}: expected at least one tensor, got ${xs.map(kindOf).join(' and ')}`);
  const shapes: Shape[] = [];
  for (const x of xs) {
    if (x instanceof Tensor) shapes.push(x.shape);
    else if (typeof x === 'number') integral(name, first.dtype, x);
    else throw new TypeError(`${name}: expected tensors or numbers, got ${kindOf(x)}`);
  }
  const to = shapes.every((shape) => sameShape(shape, first.shape)) ? first.shape : broadcastShapes(name, ...shapes);
  return xs.map((x) => {
    if (typeof x === 'number') return everywhere(x, first, to);
    return sameShape(x.shape, to) ? x : broadcastTo(x, to);
  }) as unknown as { readonly [K in keyof X]: Tensor };
}

/** A number in every place of a shape, of the dtype and device of `x`. */
function everywhere(value: number, x: Tensor, shape: Shape): Tensor {
  const { dtype, device } = x;
  if (device.repeated) return owning({ shape, dtype }, device, device.repeated(value, { shape, dtype }));
  // Of x's rank, so that one broadcast is enough.
  const one = like(
    x,
    value,
    x.shape.map(() => 1),
  );
  return sameShape(one.shape, shape) ? one : broadcastTo(one, shape);
}

/**
 * A number that stands beside an int32 tensor must be an integer: it would lose its fraction, or
 * wrap, without a word.
 */
export function integral(name: string, dtype: DType, x: number): number {
  if (!fits(dtype, x))
    throw new TypeError(`${name}: expected an integer beside an int32 tensor, got ${x}; convert the tensor with cast`);
  return x;
}

/** Broadcast operands of `where`: the condition's dtype is its own. */
export const conditionDType = (name: string, dtypes: readonly DType[]): DType => sameDType(name, dtypes.slice(1));
