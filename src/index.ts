import { cpu } from './backends/cpu/index.js';
import type { Buffer, DType } from './core/dtype.js';
import { kindOf } from './core/dtype.js';
import type { Shape } from './core/shape.js';
import type { Backend, Tensor } from './core/tensor.js';
import { Tensor as TensorClass } from './core/tensor.js';
import * as create from './ops/create.js';
import * as random from './ops/random.js';

// Creation functions are bound to the default device, cpu, here and nowhere else.

/** Where and as what a tensor is made; cpu and float32 by default. */
export interface CreateOptions {
  readonly dtype?: DType;
  readonly device?: Backend;
}

/** A tensor from nested arrays of numbers, or a scalar from a number. Throws where the nesting is ragged. */
export const tensor = (data: create.Nested, { dtype, device = cpu }: CreateOptions = {}): Tensor =>
  create.tensor(device, data, dtype);

/** A tensor of `shape` from row-major data, which is copied; its kind of typed array decides the dtype. */
export const fromTypedArray = (
  data: Buffer,
  shape: Shape,
  { device = cpu }: { readonly device?: Backend } = {},
): Tensor => create.fromTypedArray(device, data, shape);

/** Zeros. */
export const zeros = (shape: Shape, options: CreateOptions = {}): Tensor => full(shape, 0, options);

/** Ones. */
export const ones = (shape: Shape, options: CreateOptions = {}): Tensor => full(shape, 1, options);

/** A tensor of one value. */
export const full = (shape: Shape, value: number, { dtype, device = cpu }: CreateOptions = {}): Tensor =>
  create.full(device, shape, value, dtype);

/** 0, 1, ... below `stop`; or from `start` by `step` with `arange(start, stop, { step })`. */
export function arange(stop: number, options?: CreateOptions & { readonly step?: number }): Tensor;
export function arange(start: number, stop: number, options?: CreateOptions & { readonly step?: number }): Tensor;
export function arange(
  a: number,
  b?: number | (CreateOptions & { readonly step?: number }),
  c: CreateOptions & { readonly step?: number } = {},
): Tensor {
  const [start, stop, options] = typeof b === 'number' ? [a, b, c] : [0, a, b ?? c];
  return create.arange(options.device ?? cpu, start, stop, options.step ?? 1, options.dtype);
}

/** `count` evenly spaced values from `start` to `stop`, both included. */
export const linspace = (
  start: number,
  stop: number,
  count: number,
  { dtype, device = cpu }: CreateOptions = {},
): Tensor => create.linspace(device, start, stop, count, dtype);

/** The identity matrix [n, n]. */
export const eye = (n: number, { dtype, device = cpu }: CreateOptions = {}): Tensor => create.eye(device, n, dtype);

/** A key for random functions from an integer seed. */
export const randomKey = (seed: number, { device = cpu }: { readonly device?: Backend } = {}): Tensor =>
  random.randomKey(device, seed);

/** The same values on another device, detached from their history; for `x` itself where it already is there. */
export function to(x: Tensor, device: Backend): Tensor {
  if (!(x instanceof TensorClass)) throw new TypeError(`to: expected a tensor, got ${kindOf(x)}`);
  return x.device === device ? x : create.fromTypedArray(device, x.readSync(), x.shape);
}

export { cpu } from './backends/cpu/index.js';
export { reference } from './backends/reference.js';
export { compile, type Compiled, type CompileOptions } from './compile/index.js';
export type { Buffer, DType } from './core/dtype.js';
export type { Shape } from './core/shape.js';
export { Tensor, type Backend, type PlanStats } from './core/tensor.js';
export { flattenTree, leaves, mapTree, treeSize, type FlatTree, type Gradient } from './core/tree.js';
export * from './ops/public.js';
export * from './transforms/index.js';
