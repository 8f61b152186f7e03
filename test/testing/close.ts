import assert from 'node:assert/strict';
import { Tensor } from 'bigrad';

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
