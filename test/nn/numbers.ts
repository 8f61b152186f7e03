import assert from 'node:assert/strict';
import fc from 'fast-check';
import { fromTypedArray, leaves, mapTree, tensor, type Nested, type Shape, type Tensor } from 'bigrad';

/** A float64 tensor. */
export const f64 = (data: Nested): Tensor => tensor(data, { dtype: 'float64' });

/** A tensor's elements, in row-major order. */
export const values = (x: Tensor): number[] => Array.from(x.readSync());

/** The one element of a scalar. */
export const value = (x: Tensor): number => {
  assert.equal(x.size, 1);
  return x.readSync()[0]!;
};

const flat = (x: unknown): number[] =>
  typeof x === 'number' ? [x] : Array.isArray(x) ? x.flatMap(flat) : leaves(x).flatMap(values);

/**
 * Asserts that two trees or nests of numbers have equal elements, up to `tolerance` of the larger
 * of 1 and theirs.
 */
export function near(actual: unknown, expected: unknown, tolerance = 1e-12): void {
  const [a, b] = [flat(actual), flat(expected)];
  assert.equal(a.length, b.length, `${a.length} elements instead of ${b.length}`);
  assert.ok(a.length > 0, 'nothing to compare');
  a.forEach((x, i) => {
    const size = Math.max(1, Math.abs(x), Math.abs(b[i]!));
    assert.ok(Math.abs(x - b[i]!) <= tolerance * size, `element ${i}: expected ${b[i]}, got ${x}`);
  });
}

/** Asserts that `f` throws an error of a kind whose message has all of `words`. */
export function refuses(f: () => unknown, kind: typeof RangeError | typeof TypeError, ...words: string[]): void {
  assert.throws(f, (error: unknown) => {
    assert.ok(error instanceof kind, `expected a ${kind.name}, got ${String(error)}`);
    for (const word of words) assert.ok(error.message.includes(word), `expected "${word}" in "${error.message}"`);
    return true;
  });
}

/**
 * The kind of error for a hyper-parameter: a TypeError where it is no number, a RangeError where it
 * is another than allowed.
 */
export const kindFor = (value: unknown): typeof RangeError | typeof TypeError =>
  typeof value === 'number' ? RangeError : TypeError;

/** Numbers of few digits in `min` .. `max`. */
export const number = (min = -2, max = 2): fc.Arbitrary<number> =>
  fc.integer({ min: Math.ceil(min * 64), max: Math.floor(max * 64) }).map((n) => n / 64);

/** Lists of `n` such numbers. */
export const list = (n: number, of: fc.Arbitrary<number> = number()): fc.Arbitrary<number[]> =>
  fc.array(of, { minLength: n, maxLength: n });

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
