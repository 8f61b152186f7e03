import { checkDType, dtypeOf, kindOf, type Buffer, type DType, allocate } from '../core/dtype.js';
import { checkTensor, defineOp } from '../core/op.js';
import { checkShape, show, sizeOf, type Shape } from '../core/shape.js';
import { Tensor, type Backend } from '../core/tensor.js';

// Creation functions take their device explicitly; src/index.ts binds the default one.

/** Nested arrays of numbers, or one number. */
export type Nested = number | readonly Nested[];

type None = readonly [];

const fillOp = defineOp<None, { shape: Shape; value: number; dtype: DType }>({
  name: 'full',
  shape: (_, { shape }) => shape,
  dtype: (_, { dtype }) => dtype,
  ref: (out, _, { value }) => {
    out.data.fill(value);
  },
  vjp: null,
});

const sequenceOp = defineOp<None, { start: number; step: number; count: number; dtype: DType }>({
  name: 'arange',
  shape: (_, { count }) => [count],
  dtype: (_, { dtype }) => dtype,
  ref: (out, _, { start, step, count }) => {
    for (let i = 0; i < count; i++) out.data[i] = start + i * step;
  },
  vjp: null,
});

/** Checks the device of a creation function. */
function checkDevice(who: string, device: unknown): Backend {
  if (typeof (device as Partial<Backend> | null)?.run !== 'function')
    throw new TypeError(`${who}: expected a device such as cpu, got ${kindOf(device)}`);
  return device as Backend;
}

/** A tensor of one value. */
export function full(device: Backend, shape: Shape, value: number, dtype: DType = 'float32'): Tensor {
  if (typeof value !== 'number') throw new TypeError(`full: expected a number, got ${kindOf(value)}`);
  const attrs = { shape: checkShape('full', shape), value, dtype: checkDType('full', dtype) };
  return fillOp([], attrs, checkDevice('full', device));
}

/** A tensor of `x`'s device and dtype, filled with `value`; a scalar unless `shape` is given. */
export const like = (x: Tensor, value: number, shape: Shape = []): Tensor => full(x.device, shape, value, x.dtype);

/** Zeros of `x`'s shape, dtype and device. */
export const zerosLike = (x: Tensor): Tensor => like(checkTensor('zerosLike', x), 0, x.shape);

/** Ones of `x`'s shape, dtype and device. */
export const onesLike = (x: Tensor): Tensor => like(checkTensor('onesLike', x), 1, x.shape);

/** start, start + step, ... below `stop`. */
export function arange(device: Backend, start: number, stop: number, step: number, dtype: DType = 'float32'): Tensor {
  if (![start, stop, step].every(Number.isFinite) || step === 0)
    throw new RangeError(`arange: expected finite numbers and a step other than 0, got ${start}, ${stop}, ${step}`);
  const count = Math.max(0, Math.ceil((stop - start) / step));
  return sequenceOp([], { start, step, count, dtype: checkDType('arange', dtype) }, checkDevice('arange', device));
}

const linspaceOp = defineOp<None, { start: number; stop: number; count: number; dtype: DType }>({
  name: 'linspace',
  shape: (_, { count }) => [count],
  dtype: (_, { dtype }) => dtype,
  ref: (out, _, { start, stop, count }) => {
    const step = count === 1 ? 0 : (stop - start) / (count - 1);
    for (let i = 0; i < count; i++) out.data[i] = start + i * step;
    if (count > 1) out.data[count - 1] = stop; // exactly: start + (count - 1) step may miss it by rounding
  },
  vjp: null,
});

/** `count` evenly spaced values from `start` to `stop`, both included. */
export function linspace(
  device: Backend,
  start: number,
  stop: number,
  count: number,
  dtype: DType = 'float32',
): Tensor {
  if (![start, stop].every(Number.isFinite))
    throw new RangeError(`linspace: expected finite numbers, got ${start} and ${stop}`);
  if (!Number.isInteger(count) || count < 1) throw new RangeError(`linspace: expected a positive count, got ${count}`);
  return linspaceOp([], { start, stop, count, dtype: checkDType('linspace', dtype) }, checkDevice('linspace', device));
}

const eyeOp = defineOp<None, { n: number; dtype: DType }>({
  name: 'eye',
  shape: (_, { n }) => [n, n],
  dtype: (_, { dtype }) => dtype,
  ref: (out, _, { n }) => {
    for (let i = 0; i < n; i++) out.data[i * n + i] = 1;
  },
  vjp: null,
});

/** The identity matrix [n, n]. */
export function eye(device: Backend, n: number, dtype: DType = 'float32'): Tensor {
  checkShape('eye', [n]);
  return eyeOp([], { n, dtype: checkDType('eye', dtype) }, checkDevice('eye', device));
}

/** A tensor of the dtype of the typed array `data`, which is copied. */
export function fromTypedArray(device: Backend, data: Buffer, shape: Shape): Tensor {
  const dtype = dtypeOf('fromTypedArray', data);
  if (sizeOf(checkShape('fromTypedArray', shape)) !== data.length)
    throw new RangeError(`fromTypedArray: expected ${sizeOf(shape)} elements for ${show(shape)}, got ${data.length}`);
  return new Tensor([...shape], dtype, checkDevice('fromTypedArray', device), device.upload(data, shape));
}

/** A tensor from nested arrays of numbers, or from one number. */
export function tensor(device: Backend, data: Nested, dtype: DType = 'float32'): Tensor {
  const shape: number[] = [];
  for (let x = data; Array.isArray(x); x = x[0] as Nested) {
    shape.push(x.length);
    if (x.length === 0) break;
  }
  const flat = allocate(checkDType('tensor', dtype), sizeOf(shape));
  let n = 0;
  const walk = (x: Nested, axis: number): void => {
    if (axis === shape.length) {
      if (typeof x !== 'number') throw new TypeError(`tensor: expected a number at depth ${axis}, got ${kindOf(x)}`);
      flat[n++] = x;
      return;
    }
    if (!Array.isArray(x) || x.length !== shape[axis])
      throw new RangeError(
        `tensor: expected nested arrays of shape ${show(shape)}, got ${Array.isArray(x) ? `length ${x.length}` : kindOf(x)} at depth ${axis}`,
      );
    for (const child of x as Nested[]) walk(child, axis + 1);
  };
  walk(data, 0);
  return new Tensor(shape, dtype, checkDevice('tensor', device), device.upload(flat, shape));
}
