import { add, cast, fromTypedArray, mul, randomKey, square, sum, Tensor, zeros, type DType } from 'bigrad';

const arrays = { float32: Float32Array, float64: Float64Array, int32: Int32Array };

/**
 * A tensor with distinct elements from 0.3 on, away from kinks; in int32 they are 0, 1, 0, 1, ...
 */
export function x(shape: readonly number[] = [2, 3], dtype: DType = 'float32'): Tensor {
  const size = shape.reduce((n, d) => n * d, 1);
  const element = (i: number): number => (dtype === 'int32' ? i % 2 : 0.3 + i / 8);
  const data = new arrays[dtype](size);
  for (let i = 0; i < size; i++) data[i] = element(i);
  return fromTypedArray(data, shape);
}

/** Small indices, int32. */
export const ints = (shape: readonly number[] = [2]): Tensor => x(shape, 'int32');

/** A key for random functions. */
export const key = (): Tensor => randomKey(5);

/**
 * True for what this table takes as a branch of a tree; the functions under test have their own
 * idea of it.
 */
const isBranch = (v: unknown): v is Record<string, unknown> =>
  Array.isArray(v)
    ? v.length < 1e4
    : typeof v === 'object' && v !== null && Object.getPrototypeOf(v) === Object.prototype;

/**
 * A like nest with `f` of each tensor that can be used. Callbacks made of it never fail themselves,
 * whatever they get: cycles, objects with getters that throw and long arrays stay as they are.
 */
export function mapped(v: unknown, f: (t: Tensor) => unknown, above: readonly unknown[] = []): unknown {
  try {
    if (v instanceof Tensor) return v.storage === null ? v : f(v);
    if (!isBranch(v) || above.includes(v)) return v;
    const inside = (child: unknown): unknown => mapped(child, f, [...above, v]);
    return Array.isArray(v) ? v.map(inside) : Object.fromEntries(Object.entries(v).map(([k, c]) => [k, inside(c)]));
  } catch {
    return v;
  }
}

/** All float tensors in a nest that can be used. */
export function floats(v: unknown): Tensor[] {
  const found: Tensor[] = [];
  mapped(v, (t) => t.dtype !== 'int32' && found.push(t));
  return found;
}

const each = (v: unknown, f: (t: Tensor) => Tensor): Tensor =>
  floats(v).reduce((s, t) => add(s, sum(f(cast(t, 'float64')))), zeros([], { dtype: 'float64' }));

/** The sum of squares of all elements, as a float64 scalar. */
export const total = (...v: unknown[]): Tensor => each(v, square);

/** The sum of all elements, as a float64 scalar. */
export const linear = (...v: unknown[]): Tensor => each(v, (t) => t);

/** A like nest of twice the tensors. */
export const doubled = (v: unknown): unknown => mapped(v, (t) => mul(t, 2));
