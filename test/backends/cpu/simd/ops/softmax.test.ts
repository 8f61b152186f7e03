import fc from 'fast-check';
import { fromTypedArray, reference, softmax, type Shape, type Tensor } from 'bigrad';
import { special } from '../../../../testing/arbitraries.js';
import { guarded, instances, same } from '../guarded.js';

const list = (of: fc.Arbitrary<number>, n: number) => fc.array(of, { minLength: n, maxLength: n });
const on = (data: readonly number[], shape: Shape): Tensor =>
  fromTypedArray(Float32Array.from(data), shape, { device: reference });
const values = (x: Tensor): number[] => Array.from(x.readSync());
const near = (got: readonly number[], expected: readonly number[], tolerance: number): void => {
  same(
    got,
    expected.map((y, i) => (Math.abs(got[i]! - y) <= tolerance * Math.max(1, Math.abs(y)) ? got[i]! : y)),
  );
};

for (const simd of instances)
  describe(`the ${simd.build} softmax`, () => {
    it('compute softmax along rows, NaN and infinities included', () => {
      const cases = fc
        .tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 1, max: 19 }))
        .chain(([rows, n]) => fc.tuple(fc.constant(rows), fc.constant(n), list(special(), rows * n)));
      fc.assert(
        fc.property(cases, fc.constantFrom(1, 40), ([rows, n, plain], by) => {
          const data = plain.map((x) => x * by);
          const memory = guarded(simd);
          const [x, out] = [memory.put(data), memory.put(data.map(() => 7))];
          simd.kernels.softmax(x, out, rows, n);
          memory.check();
          near(memory.get(out, rows * n), values(softmax(on(data, [rows, n]))), 3e-7);
        }),
      );
    });
  });
