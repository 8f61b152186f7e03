import type { DType } from '../core/dtype.js';
import { sizeOf, type Shape } from '../core/shape.js';
import type { Backend, Tensor } from '../core/tensor.js';
import { fromTypedArray } from '../ops/create.js';
import * as op from '../ops/index.js';
import { randomKey } from '../ops/random.js';
import { drawer } from './draw.js';

/** One way to call an op: `f` on inputs made for a device and a dtype. */
export interface OpCase {
  readonly title: string;
  /** Its inputs, made by `make`. */
  inputs(make: Make): Tensor[];
  /** The call. */
  readonly f: (...xs: Tensor[]) => unknown;
}
/** An exported op with the calls it is tested on. */
export interface OpEntry {
  readonly op: string;
  readonly cases: readonly OpCase[];
  /** The order to which derivatives are checked; 0 for ops without any. */
  readonly order: number;
  /**
   * True for ops on floats without kernels for GPU devices. They run in main memory, so a device
   * that can only be awaited refuses them.
   */
  readonly host?: true;
}

/** Makes inputs: reproducible, and away from kinks where asked. */
export interface Make {
  readonly device: Backend;
  /** Values in (-1, 1) by default, mapped by `of`. */
  (shape: Shape, of?: (u: number) => number): Tensor;
  /** Integers in 0 .. below - 1, int32. */
  ints(shape: Shape, below: number): Tensor;
  /** A key for random functions, always the same. */
  key(): Tensor;
}

export function maker(device: Backend, dtype: DType, seed = 7): Make {
  const draw = drawer(seed);
  const data = (n: number, of: (u: number) => number) => Array.from({ length: n }, () => of(draw()));
  const make = (shape: Shape, of: (u: number) => number = (u) => u): Tensor => {
    const values = data(sizeOf(shape), of);
    return fromTypedArray(device, dtype === 'float64' ? Float64Array.from(values) : Float32Array.from(values), shape);
  };
  return Object.assign(make, {
    device,
    ints: (shape: Shape, below: number) =>
      fromTypedArray(device, Int32Array.from(data(sizeOf(shape), (u) => ((u + 1) / 2) * below)), shape),
    key: () => randomKey(device, 11),
  });
}

/** Values from 0.3 to 2.3. */
export const positive = (u: number): number => 0.3 + (u + 1);
/** Values that are at least 0.05 away from 0. */
export const awayFrom0 = (u: number): number => u + Math.sign(u || 1) * 0.05;
/** Distinct values about 0.1 apart in a mixed order, so that no maximum is tied or close. */
export const distinct = () => {
  let i = 0;
  return (u: number): number => ((i++ * 7) % 31) * 0.1 - 1.5 + 0.02 * u;
};

type X = Tensor;
/** A case of an entry. */
export const call = (title: string, inputs: OpCase['inputs'], f: (...xs: X[]) => unknown): OpCase => ({
  title,
  inputs,
  f,
});
/** An entry of the table. */
export const entry = (name: string, cases: OpCase[], order = 2): OpEntry => ({ op: name, cases, order });

/** An op of one operand. */
export const unary = (name: keyof typeof op, of?: (u: number) => number, order = 2): OpEntry =>
  entry(
    name,
    [
      call('[2,3]', (m) => [m([2, 3], of)], op[name] as (x: X) => X),
      call('scalar', (m) => [m([], of)], op[name] as (x: X) => X),
      call(
        'a transposed view',
        (m) => [m([3, 2], of)],
        (x) => (op[name] as (x: X) => X)(op.transpose(x)),
      ),
    ],
    order,
  );

/** An op of one operand, with a single case. */
export const single = (name: keyof typeof op, of?: (u: number) => number, order = 2): OpEntry =>
  entry(name, [call('[2,3]', (m) => [m([2, 3], of)], op[name] as (x: X) => X)], order);

/** An op of two operands that broadcast. */
export const binary = (
  name: keyof typeof op,
  left?: (u: number) => number,
  right?: (u: number) => number,
  order = 2,
): OpEntry => {
  const f = op[name] as (x: X, y: X) => X;
  return entry(
    name,
    [
      call('[2,3] and [2,3]', (m) => [m([2, 3], left), m([2, 3], right)], f),
      call('[2,1] and [3], broadcast', (m) => [m([2, 1], left), m([3], right)], f),
      call('[2,3] and a scalar', (m) => [m([2, 3], left), m([], right)], f),
      call('zero-size', (m) => [m([0, 3], left), m([3], right)], f),
    ],
    order,
  );
};

/** A reduction over axes. */
export const reduction = (name: keyof typeof op, of?: () => (u: number) => number, order = 2): OpEntry => {
  const f = op[name] as (x: X, axes?: number | number[], options?: op.ReduceOptions) => X;
  return entry(
    name,
    [
      call(
        'all of [2,3]',
        (m) => [m([2, 3], of?.())],
        (x) => f(x),
      ),
      call(
        'axes 0 and -1, kept',
        (m) => [m([2, 3, 2], of?.())],
        (x) => f(x, [0, -1], { keepDims: true }),
      ),
      call(
        'axis 1 of a transposed view',
        (m) => [m([3, 2], of?.())],
        (x) => f(op.transpose(x), 1),
      ),
    ],
    order,
  );
};
/** The same mapping at each call. */
export const same =
  <T>(f: (u: number) => T) =>
  () =>
    f;
