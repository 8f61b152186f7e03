/**
 * Tensors, ops, derivatives of any order, and compiled functions.
 *
 * @module bigrad
 */
import { cpu } from './backends/cpu/device.js';
import { aDType, finite } from './core/check.js';
import { aDevice, checkDevice } from './core/device.js';
import type { Buffer, DType } from './core/dtype.js';
import { kindOf } from './core/words.js';
import { watching } from './core/history.js';
import { checkOptions } from './core/options.js';
import type { Shape } from './core/shape.js';
import type { Backend, IntTensor, Tensor } from './core/tensor.js';
import { checkReadable, Tensor as TensorClass } from './core/tensor.js';
import * as create from './ops/create.js';
import * as random from './ops/random.js';

// Creation functions are bound to the default device, cpu, here and nowhere else.

/** The device and the dtype of a new tensor: cpu and float32 by default. */
export interface CreateOptions {
  readonly dtype?: DType;
  readonly device?: Backend;
}

/** Options that make integers. */
export interface Int32Options extends CreateOptions {
  readonly dtype: 'int32';
}

const createChecks = { dtype: aDType, device: aDevice };
const checkCreate = (who: string, options: CreateOptions): CreateOptions => checkOptions(who, options, createChecks);

/**
 * A tensor from nested arrays of numbers, or a scalar from a number. Throws where the nesting is
 * ragged.
 * @param data a number, or arrays of numbers nested as deep as the tensor has axes
 * @example
 * tensor([[1, 2], [3, 4]]); // float32[2,2] on cpu [[1, 2], [3, 4]]
 * tensor([1, 2], { dtype: 'int32' }); // int32[2] on cpu [1, 2]
 */
export function tensor(data: create.Nested, options: Int32Options): IntTensor;
export function tensor(data: create.Nested, options?: CreateOptions): Tensor;
export function tensor(data: create.Nested, options: CreateOptions = {}): Tensor {
  const { dtype, device = cpu } = checkCreate('tensor', options);
  return create.tensor(device, data, dtype);
}

/**
 * A tensor of `shape` with a copy of row-major data. The kind of typed array decides the dtype.
 * @param data elements in row-major order: Float32Array, Float64Array or Int32Array
 * @example
 * fromTypedArray(Float32Array.of(1, 2, 3, 4), [2, 2]); // float32[2,2] on cpu [[1, 2], [3, 4]]
 */
export function fromTypedArray(data: Int32Array, shape: Shape, options?: { readonly device?: Backend }): IntTensor;
export function fromTypedArray(data: Buffer, shape: Shape, options?: { readonly device?: Backend }): Tensor;
export function fromTypedArray(data: Buffer, shape: Shape, options: { readonly device?: Backend } = {}): Tensor {
  const { device = cpu } = checkOptions('fromTypedArray', options, { device: aDevice });
  return create.fromTypedArray(device, data, shape);
}

/**
 * Zeros.
 * @example
 * zeros([2, 2]); // float32[2,2] on cpu [[0, 0], [0, 0]]
 */
export const zeros = (shape: Shape, options: CreateOptions = {}): Tensor => filled('zeros', shape, 0, options);

/**
 * Ones.
 * @example
 * ones([3], { dtype: 'int32' }); // int32[3] on cpu [1, 1, 1]
 */
export const ones = (shape: Shape, options: CreateOptions = {}): Tensor => filled('ones', shape, 1, options);

/**
 * A tensor of one value.
 * @example
 * full([3], 0.5); // float32[3] on cpu [0.5, 0.5, 0.5]
 */
export const full = (shape: Shape, value: number, options: CreateOptions = {}): Tensor =>
  filled('full', shape, value, options);

function filled(who: string, shape: Shape, value: number, options: CreateOptions): Tensor {
  const { dtype, device = cpu } = checkCreate(who, options);
  return create.full(device, shape, value, dtype, who);
}

/** The step of an even sequence (1), and how its tensor is made. */
export interface ArangeOptions extends CreateOptions {
  readonly step?: number;
}

/**
 * 0, 1, ... below `stop`; or from `start` by `step` with `arange(start, stop, { step })`.
 * @param stop the end, which is left out
 * @example
 * arange(4); // float32[4] on cpu [0, 1, 2, 3]
 * arange(1, 2, { step: 0.25 }); // float32[4] on cpu [1, 1.25, 1.5, 1.75]
 */
export function arange(stop: number, options: ArangeOptions & Int32Options): IntTensor;
export function arange(stop: number, options?: ArangeOptions): Tensor;
export function arange(start: number, stop: number, options: ArangeOptions & Int32Options): IntTensor;
export function arange(start: number, stop: number, options?: ArangeOptions): Tensor;
export function arange(a: number, b?: number | ArangeOptions, c: ArangeOptions = {}): Tensor {
  const [start, stop, options] = typeof b === 'number' ? [a, b, c] : [0, a, b === undefined ? c : b];
  const { dtype, device = cpu, step = 1 } = checkOptions('arange', options, { ...createChecks, step: finite });
  return create.arange(device, start, stop, step, dtype);
}

/**
 * `count` evenly spaced values from `start` to `stop`, both included.
 * @example
 * linspace(0, 1, 5); // float32[5] on cpu [0, 0.25, 0.5, 0.75, 1]
 */
export function linspace(start: number, stop: number, count: number, options: CreateOptions = {}): Tensor {
  const { dtype, device = cpu } = checkCreate('linspace', options);
  return create.linspace(device, start, stop, count, dtype);
}

/**
 * The identity matrix [n, n].
 * @param n number of rows, and of columns
 * @example
 * eye(2); // float32[2,2] on cpu [[1, 0], [0, 1]]
 */
export function eye(n: number, options: CreateOptions = {}): Tensor {
  const { dtype, device = cpu } = checkCreate('eye', options);
  return create.eye(device, n, dtype);
}

/**
 * A key for random functions from an integer seed.
 * @param seed any integer; the same seed gives the same numbers
 * @example
 * randomUniform(randomKey(1), [2]); // float32[2] on cpu [0.11815, 0.431475]
 */
export const randomKey = (seed: number, options: { readonly device?: Backend } = {}): Tensor =>
  random.randomKey(checkOptions('randomKey', options, { device: aDevice }).device ?? cpu, seed);

/**
 * The same values on another device. If `x` is there already, the result is `x` itself. Throws a
 * TypeError where a transform differentiates x, because the move has no derivative.
 * @example
 * to(tensor([1, 2]), reference); // float32[2] on reference [1, 2]
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

export { checkingNaN, type CheckingOptions } from './backends/checking-nan.js';
export { cpu, createCpu, type CpuOptions } from './backends/cpu/device.js';
export { reference } from './backends/reference.js';
export { compile, type Compiled, type CompileOptions } from './compile/index.js';
export * from './control/index.js';
export type { Buffer, DType } from './core/dtype.js';
export type { Shape } from './core/shape.js';
export { Tensor, type Backend, type IntTensor, type PlanStats } from './core/tensor.js';
export { flattenTree, leaves, mapTree, treeSize, type FlatTree, type Gradient } from './core/tree.js';
export * from './implicit/index.js';
export * from './ops/public.js';
export * from './transforms/index.js';
