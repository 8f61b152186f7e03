import assert from 'node:assert/strict';
import fc from 'fast-check';
import { argsort, cpu, fromTypedArray, reference, topK, transpose, type Buffer, type Tensor } from 'bigrad';
import { values } from '../../../support/close.js';

const special = [0, -0, 1, 1, -1, 2 ** -140, -(2 ** -140), 3e38, NaN, Infinity, -Infinity];
const makers: Record<string, (xs: readonly number[]) => Buffer> = {
  float32: (xs) => Float32Array.from(xs),
  float64: (xs) => Float64Array.from(xs),
  int32: (xs) => Int32Array.from(xs, (x) => (Number.isFinite(x) ? x * 2 ** 20 : x > 0 ? 2 ** 31 - 1 : -(2 ** 31))),
};

/** Numbers of every size, with many ties. */
const numbers = (n: number): fc.Arbitrary<number[]> =>
  fc.array(fc.oneof(fc.constantFrom(...special), fc.double({ noNaN: true }), fc.integer({ min: -9, max: 9 })), {
    minLength: n,
    maxLength: n,
    size: 'max',
  });

describe('orders along an axis, on cpu', () => {
  for (const [dtype, make] of Object.entries(makers)) {
    const agree = (xs: readonly number[], rows: number, f: (x: Tensor) => Tensor): void => {
      const of = (device: typeof cpu) => f(fromTypedArray(make(xs), [rows, xs.length / rows], { device }));
      assert.deepEqual(values(of(cpu)), values(of(reference)));
    };

    it(`are those of the reference, for rows of any length of ${dtype}`, () => {
      const rows = fc.constantFrom(1, 2, 30, 48, 49, 200).chain((n) => numbers(2 * n));
      fc.assert(
        fc.property(rows, fc.boolean(), (xs, descending) => {
          agree(xs, 2, (x) => argsort(x, 1, { descending }));
          agree(xs, 2, (x) => argsort(x, 0, { descending }));
          agree(xs, 2, (x) => argsort(transpose(x), 0, { descending }));
        }),
        { numRuns: 15 },
      );
    });

    it(`begin as the whole order does, of ${dtype}`, () => {
      fc.assert(
        fc.property(numbers(120), fc.constantFrom(0, 1, 5, 32, 33, 60), (xs, k) => {
          agree(xs, 2, (x) => topK(x, k).indices);
          agree(xs, 60, (x) => topK(x, k, 0).indices);
        }),
        { numRuns: 15 },
      );
    });
  }
});
