import assert from 'node:assert/strict';
import fc from 'fast-check';
import { fromTypedArray, leaves, mapTree, tensor, type Nested, type Shape, type Tensor } from 'bigrad';
import { values } from './close.js';

/** Options of what is made in float64. */
export const double = { dtype: 'float64' } as const;

/** A float64 tensor. */
export const f64 = (data: Nested): Tensor => tensor(data, double);

/** The one element of a scalar. */
export const value = (x: Tensor): number => {
  assert.equal(x.size, 1);
  return x.readSync()[0]!;
};

/** Numbers of few digits in `min` .. `max`. */
export const number = (min = -2, max = 2): fc.Arbitrary<number> =>
  fc.integer({ min: Math.ceil(min * 64), max: Math.floor(max * 64) }).map((n) => n / 64);

/** Lists of `n`, by default of such numbers. */
export function list(n: number): fc.Arbitrary<number[]>;
export function list<T>(n: number, of?: fc.Arbitrary<T>): fc.Arbitrary<T[]>;
export function list(n: number, of: fc.Arbitrary<unknown> = number()): fc.Arbitrary<unknown[]> {
  return fc.array(of, { minLength: n, maxLength: n });
}

/** Float64 tensors of a shape. */
export const tensors = (shape: Shape, of?: fc.Arbitrary<number>): fc.Arbitrary<Tensor> =>
  list(
    shape.reduce((n, d) => n * d, 1),
    of,
  ).map((data) => fromTypedArray(Float64Array.from(data), shape));

/** Fixed, irregular values in (-1, 1) for examples: the sines of an arithmetic sequence. */
export const wave = (shape: Shape, start = 0): Tensor =>
  fromTypedArray(
    Float64Array.from({ length: shape.reduce((n, d) => n * d, 1) }, (_, i) => Math.sin(start + 1.7 * i + 0.3)),
    shape,
  );

/** The gradient of `f` in all tensors of `x` by the five-point rule. */
export function differences<X>(f: (x: X) => number, x: X, h = 2e-4): number[] {
  return leaves(x).flatMap((leaf) =>
    values(leaf).map((_, k) => {
      const at = (step: number): number => {
        const data = Float64Array.from(values(leaf));
        data[k]! += step;
        return f(mapTree((t) => (t === leaf ? fromTypedArray(data, leaf.shape) : t), x));
      };
      return (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h);
    }),
  );
}
