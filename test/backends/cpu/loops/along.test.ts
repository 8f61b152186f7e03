import assert from 'node:assert/strict';
import fc from 'fast-check';
import { cpu, fromTypedArray, grad, mul, reference, scatterSet, sum, takeAlong, transpose, type Tensor } from 'bigrad';
import { values } from '../../../support/close.js';

describe('elements at indices along an axis, on cpu', () => {
  it('are those of the reference, and so are sums by index and what is written', () => {
    const shapes = fc.tuple(
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 3 }),
    );
    fc.assert(
      fc.property(shapes, fc.integer({ min: 0, max: 7 }), fc.nat(1000), ([a, length, b], count, seed) => {
        const on = (device: typeof cpu): Tensor[] => {
          const x = fromTypedArray(
            Float64Array.from({ length: b * length * a }, (_, i) => Math.sin(i + seed)),
            [b, length, a],
            { device },
          );
          const indices = fromTypedArray(
            Int32Array.from({ length: a * count * b }, (_, i) => ((i * 31 + seed) % (2 * length)) - length),
            [a, count, b],
            { device },
          );
          const f = (y: Tensor): Tensor => takeAlong(transpose(y), indices, 1);
          const back = transpose(x);
          const values = mul(takeAlong(back, indices, 1), 3);
          const set = ([y, v]: Tensor[]): Tensor => scatterSet(y!, indices, v!, 1);
          const loss = (args: Tensor[]): Tensor => sum(mul(set(args), set(args)));
          return [
            f(x),
            grad((y: Tensor) => sum(mul(f(y), f(y))))(x),
            set([back, values]),
            ...grad(loss)([back, values]),
          ];
        };
        assert.deepEqual(on(cpu).map(values), on(reference).map(values));
      }),
      { numRuns: 30 },
    );
  });

  it('are refused outside of the axis, in the words of the reference', () => {
    for (const device of [cpu, reference])
      for (const index of [-3, 2])
        assert.throws(
          () =>
            takeAlong(
              fromTypedArray(new Float32Array(2), [2], { device }),
              fromTypedArray(Int32Array.of(index), [1], { device }),
            ),
          { name: 'RangeError', message: `takeAlong: expected indices from -2 to 1, got ${index}` },
        );
  });
});
