import fc from 'fast-check';
import { fromTypedArray, matmul } from 'bigrad';
import { broadcastable, floatTypes, number, special, views, type Source } from '../../../support/arbitraries.js';
import { agree } from '../../../support/agree.js';
import { withPullback } from '../../../support/with-pullback.js';

describe('products on the cpu device give what the reference device gives', () => {
  it('on matmul and its pullback: tails of every length, views, batches that broadcast, depth 0', () => {
    const size = fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constantFrom(15, 16, 17));
    const cases = fc
      .tuple(size, size, size, broadcastable(2, 3), floatTypes())
      .chain(([m, k, n, [a, b], dtype]) =>
        fc.tuple(views([...a, m, k], number(), dtype), views([...b, k, n], number(), dtype), fc.constant(dtype)),
      );
    fc.assert(
      fc.property(cases, ([x, y, dtype]) => {
        agree(
          [x, y],
          withPullback((a, b) => matmul(a, b), 2),
          dtype,
        );
      }),
    );
  });

  it('on matmul with NaN and infinities', () => {
    const cases = fc
      .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }))
      .chain(([m, k]) => fc.tuple(views([m, k], special()), views([k, m], special())));
    fc.assert(
      fc.property(cases, (xs) => {
        agree(xs, (x, y) => matmul(x, y));
      }),
    );
  });

  it('on matmul deeper than one block', () => {
    fc.assert(
      fc.property(fc.constantFrom(511, 512, 513, 1030), fc.nat(1000), (k, seed) => {
        const data = (n: number) => Float64Array.from({ length: n }, (_, i) => Math.sin(i * 1.7 + seed));
        const source = (shape: number[]): Source => ({
          shape,
          make: (device) => fromTypedArray(data(shape[0]! * shape[1]!), shape, { device }),
        });
        agree([source([3, k]), source([k, 5])], (x, y) => matmul(x, y));
      }),
      { numRuns: 12 },
    );
  });
});
