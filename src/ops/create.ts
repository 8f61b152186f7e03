import { count as aCount } from '../core/check.js';
import { checkDevice } from '../core/device.js';
import { checkDType, checkFits, dtypeOf, type Buffer, type DType, allocate } from '../core/dtype.js';
import { kindOf, show } from '../core/words.js';
import { checkTensor, defineOp } from '../core/op.js';
import { checkShape, checkSize, sizeOf, type Shape } from '../core/shape.js';
import { owning } from '../core/storage.js';
import type { Backend, IntTensor, Tensor } from '../core/tensor.js';

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
  traits: { fill: ({ value }) => value },
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

/** A tensor of one value. */
export function full(
  device: Backend,
  shape: Shape,
  value: number,
  dtype: DType = 'float32',
  who: string = 'full',
): Tensor {
  if (typeof value !== 'number') throw new TypeError(`${who}: expected a number, got ${kindOf(value)}`);
  checkFits(who, checkDType(who, dtype), value);
  return fillOp([], { shape: checkShape(who, shape), value, dtype }, checkDevice(who, device));
}

/**
 * A tensor of `x`'s device and dtype, filled with a value that fits it; a scalar unless a tensor's
 * `shape` is given.
 */
export const like = (x: Tensor, value: number, shape: Shape = []): Tensor =>
  fillOp([], { shape, value, dtype: x.dtype }, x.device);

/**
 * Zeros of `x`'s shape, dtype and device.
 * @example
 * zerosLike(tensor([1, 2])); // float32[2] on cpu [0, 0]
 */
export const zerosLike = (x: Tensor): Tensor => like(checkTensor('zerosLike', x), 0, x.shape);

/**
 * Ones of `x`'s shape, dtype and device.
 * @example
 * onesLike(tensor([1, 2])); // float32[2] on cpu [1, 1]
 */
export const onesLike = (x: Tensor): Tensor => like(checkTensor('onesLike', x), 1, x.shape);

/**
 * Checks the dtype of an even sequence, and that it can hold the numbers: the first two and the
 * last tell of all.
 */
function checkSequence(who: string, dtype: DType, start: number, step: number, count: number): void {
  checkDType(who, dtype);
  for (const i of [0, 1, count - 1]) if (i < count) checkFits(who, dtype, start + i * step);
}

/** start, start + step, ... below `stop`. */
export function arange(device: Backend, start: number, stop: number, step: number, dtype: DType = 'float32'): Tensor {
  if (![start, stop, step].every(Number.isFinite) || step === 0)
    throw new RangeError(
      `arange: expected finite numbers and a step other than 0, got ${show(start)}, ${show(stop)}, ${show(step)}`,
    );
  const [count] = checkSize('arange', [Math.max(0, Math.ceil((stop - start) / step))]) as [number];
  checkSequence('arange', dtype, start, step, count);
  return sequenceOp([], { start, step, count, dtype }, checkDevice('arange', device));
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
    throw new RangeError(`linspace: expected finite numbers, got ${show(start)} and ${show(stop)}`);
  checkSize('linspace', [aCount('linspace', 'the count', count)]);
  checkSequence('linspace', dtype, start, count === 1 ? 0 : (stop - start) / (count - 1), count);
  return linspaceOp([], { start, stop, count, dtype }, checkDevice('linspace', device));
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
  checkSize('eye', [n, n]);
  return eyeOp([], { n, dtype: checkDType('eye', dtype) }, checkDevice('eye', device));
}

/** A tensor of the dtype of the typed array `data`, which is copied. */
export function fromTypedArray(device: Backend, data: Int32Array, shape: Shape, who?: string): IntTensor;
export function fromTypedArray(device: Backend, data: Buffer, shape: Shape, who?: string): Tensor;
export function fromTypedArray(device: Backend, data: Buffer, shape: Shape, who = 'fromTypedArray'): Tensor {
  const dtype = dtypeOf(who, data);
  const own = checkShape(who, shape);
  if (sizeOf(own) !== data.length)
    throw new RangeError(`${who}: expected ${sizeOf(own)} elements for ${show(own)}, got ${data.length}`);
  return owning({ shape: own, dtype }, checkDevice(who, device), device.upload(data, own));
}

/** What to do with what is no nested array, where there is a way. */
const cureFor = (x: unknown): string => (ArrayBuffer.isView(x) ? '; use fromTypedArray(data, shape)' : '');

/** A tensor from nested arrays of numbers, or from one number. */
export function tensor(device: Backend, data: Nested, dtype: DType = 'float32'): Tensor {
  const shape: number[] = [];
  for (let x = data; Array.isArray(x); x = x[0] as Nested) {
    shape.push(x.length);
    checkSize('tensor', shape); // also where an array is inside itself
  }
  checkDevice('tensor', device);
  const flat = allocate(checkDType('tensor', dtype), sizeOf(shape));
  let n = 0;
  const walk = (x: Nested, axis: number): void => {
    if (axis === shape.length) {
      if (typeof x !== 'number')
        throw new TypeError(`tensor: expected a number at depth ${axis}, got ${kindOf(x)}${cureFor(x)}`);
      flat[n++] = checkFits('tensor', dtype, x);
      return;
    }
    if (!Array.isArray(x) || x.length !== shape[axis])
      throw new RangeError(
        `tensor: expected nested arrays of shape ${show(shape)}, got ${Array.isArray(x) ? `length ${x.length}` : kindOf(x)} at depth ${axis}`,
      );
    for (let i = 0; i < x.length; i++) walk(x[i] as Nested, axis + 1);
  };
  walk(data, 0);
  return owning({ shape, dtype }, device, device.upload(flat, shape));
}
