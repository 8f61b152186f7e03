import { cpu } from './backends/cpu/device.js';
import { aDType, finite } from './core/check.js';
import { aDevice, checkDevice } from './core/device.js';
import type { Buffer, DType } from './core/dtype.js';
import { kindOf } from './core/words.js';
import { watching } from './core/op.js';
import { checkOptions } from './core/options.js';
import type { Shape } from './core/shape.js';
import type { Backend, Tensor } from './core/tensor.js';
import { checkReadable, Tensor as TensorClass } from './core/tensor.js';
import * as create from './ops/create.js';
import * as random from './ops/random.js';

// Creation functions are bound to the default device, cpu, here and nowhere else.

/** The device and the dtype of a new tensor: cpu and float32 by default. */
export interface CreateOptions {
  readonly dtype?: DType;
  readonly device?: Backend;
}

const createChecks = { dtype: aDType, device: aDevice };
const checkCreate = (who: string, options: CreateOptions): CreateOptions => checkOptions(who, options, createChecks);

/**
 * A tensor from nested arrays of numbers, or a scalar from a number. Throws where the nesting is
 * ragged.
 */
export function tensor(data: create.Nested, options: CreateOptions = {}): Tensor {
  const { dtype, device = cpu } = checkCreate('tensor', options);
  return create.tensor(device, data, dtype);
}

/** A tensor of `shape` with a copy of row-major data. The kind of typed array decides the dtype. */
export const fromTypedArray = (data: Buffer, shape: Shape, options: { readonly device?: Backend } = {}): Tensor =>
  create.fromTypedArray(checkOptions('fromTypedArray', options, { device: aDevice }).device ?? cpu, data, shape);

/** Zeros. */
export const zeros = (shape: Shape, options: CreateOptions = {}): Tensor => filled('zeros', shape, 0, options);

/** Ones. */
export const ones = (shape: Shape, options: CreateOptions = {}): Tensor => filled('ones', shape, 1, options);

/** A tensor of one value. */
export const full = (shape: Shape, value: number, options: CreateOptions = {}): Tensor =>
  filled('full', shape, value, options);

function filled(who: string, shape: Shape, value: number, options: CreateOptions): Tensor {
  const { dtype, device = cpu } = checkCreate(who, options);
  return create.full(device, shape, value, dtype, who);
}

/** 0, 1, ... below `stop`; or from `start` by `step` with `arange(start, stop, { step })`. */
export function arange(stop: number, options?: CreateOptions & { readonly step?: number }): Tensor;
export function arange(start: number, stop: number, options?: CreateOptions & { readonly step?: number }): Tensor;
export function arange(
  a: number,
  b?: number | (CreateOptions & { readonly step?: number }),
  c: CreateOptions & { readonly step?: number } = {},
): Tensor {
  const [start, stop, options] = typeof b === 'number' ? [a, b, c] : [0, a, b === undefined ? c : b];
  const { dtype, device = cpu, step = 1 } = checkOptions('arange', options, { ...createChecks, step: finite });
  return create.arange(device, start, stop, step, dtype);
}

/** `count` evenly spaced values from `start` to `stop`, both included. */
export function linspace(start: number, stop: number, count: number, options: CreateOptions = {}): Tensor {
  const { dtype, device = cpu } = checkCreate('linspace', options);
  return create.linspace(device, start, stop, count, dtype);
}

/** The identity matrix [n, n]. */
export function eye(n: number, options: CreateOptions = {}): Tensor {
  const { dtype, device = cpu } = checkCreate('eye', options);
  return create.eye(device, n, dtype);
}

/** A key for random functions from an integer seed. */
export const randomKey = (seed: number, options: { readonly device?: Backend } = {}): Tensor =>
  random.randomKey(checkOptions('randomKey', options, { device: aDevice }).device ?? cpu, seed);

/**
 * The same values on another device. If `x` is there already, the result is `x` itself. Throws a
 * TypeError where a transform differentiates x, because the move has no derivative.
 */
export function to(x: Tensor, device: Backend): Tensor {
  if (!(x instanceof TensorClass)) throw new TypeError(`to: expected a tensor, got ${kindOf(x)}`);
  checkDevice('to', device);
  checkReadable('to', x);
  if (x.device === device) return x;
  if (watching([x]).length > 0)
    throw new TypeError(
      'to: expected a tensor that is not being differentiated, got one that a transform watches; use stopGradient(x)',
    );
  return create.fromTypedArray(device, x.readSync(), x.shape, 'to');
}

export { cpu, createCpu, type CpuOptions } from './backends/cpu/device.js';
export { reference } from './backends/reference.js';
export { compile, type Compiled, type CompileOptions } from './compile/index.js';
export type { Buffer, DType } from './core/dtype.js';
export type { Shape } from './core/shape.js';
export { Tensor, type Backend, type PlanStats } from './core/tensor.js';
export { flattenTree, leaves, mapTree, treeSize, type FlatTree, type Gradient } from './core/tree.js';
export * from './implicit/index.js';
export * from './ops/public.js';
export * from './transforms/index.js';
