import assert from 'node:assert/strict';
import { leaves, Tensor } from 'bigrad';

export type Numbers = Tensor | number | ArrayLike<number>;

/** A tensor's elements in row-major order; numbers and lists as they are. */
export const values = (x: Numbers): number[] =>
  x instanceof Tensor ? Array.from(x.readSync()) : typeof x === 'number' ? [x] : Array.from(x);

/**
 * Asserts equal numbers to a tolerance relative to the larger of 1 and the values; NaN equals NaN,
 * infinities their like.
 */
export function close(got: Numbers, expected: Numbers, tolerance = 1e-10, what = ''): void {
  const [a, b] = [values(got), values(expected)];
  assert.equal(a.length, b.length, `${what} expected ${b.length} elements, got ${a.length}`);
  if (got instanceof Tensor && expected instanceof Tensor) assert.deepEqual(got.shape, expected.shape);
  a.forEach((x, i) => {
    const y = b[i]!;
    if (x === y || (x !== x && y !== y)) return;
    assert.ok(
      Math.abs(x - y) <= tolerance * Math.max(1, Math.abs(x), Math.abs(y)),
      `${what} element ${i}: expected ${y}, got ${x}`,
    );
  });
}

/** All elements of a number, or of a tree or a nest of lists of them. */
export const flat = (x: unknown): number[] =>
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
