import assert from 'node:assert/strict';
import fc from 'fast-check';
import { fromTypedArray, reference, sum, type Shape, type Tensor } from 'bigrad';
import { reductionOf, runSum } from '../../../../../src/backends/cpu/simd/ops/reduce.js';
import { special } from '../../../../testing/arbitraries.js';
import { guarded, instances, same } from '../guarded.js';

const sizeOf = (shape: Shape): number => shape.reduce((n, d) => n * d, 1);
const list = (of: fc.Arbitrary<number>, n: number) => fc.array(of, { minLength: n, maxLength: n });
const on = (data: readonly number[], shape: Shape): Tensor =>
  fromTypedArray(Float32Array.from(data), shape, { device: reference });
const values = (x: Tensor): number[] => Array.from(x.readSync());

const length = fc.integer({ min: 0, max: 13 });

for (const simd of instances)
  describe(`the ${simd.build} reductions`, () => {
    it('sum over any axes that merge into three, NaN and infinities included', () => {
      const cases = fc
        .array(length, { maxLength: 4 })
        .chain((shape) => fc.tuple(fc.constant(shape), fc.subarray([...shape.keys()]), list(special(), sizeOf(shape))));
      fc.assert(
        fc.property(cases, ([shape, axes, data]) => {
          const reduction = reductionOf(shape, axes);
          fc.pre(reduction !== undefined);
          const memory = guarded(simd);
          const expected = values(sum(on(data, shape), axes));
          const [x, out] = [memory.put(data), memory.put(expected.map(() => 7))];
          runSum(simd, reduction, x, out);
          memory.check();
          same(memory.get(out, expected.length), expected); // short numbers: every sum is exact
        }),
        { numRuns: 300 },
      );
    });

    it('tell which axes alternate too often', () => {
      assert.equal(reductionOf([2, 3, 4, 5], [0, 2]), undefined);
      assert.deepEqual(reductionOf([2, 3, 1, 5], [0, 3]), { kind: 'around', a: 2, c: 3, b: 5 });
      assert.deepEqual(reductionOf([2, 3, 4, 5], [1, 2]), { kind: 'between', a: 2, c: 12, b: 5 });
    });

    it('keep six digits of a million values', () => {
      const n = 1_000_000;
      const data = Float32Array.from({ length: n }, (_, i) => 0.1 + Math.sin(i) ** 2);
      const exact = data.reduce((a, b) => a + b, 0);
      const memory = guarded(simd);
      const [x, out] = [memory.put(data), memory.put([0])];
      for (const [a, c, b] of [
        [1, 1, n],
        [1000, 1, 1000],
        [n, 1, 1],
      ] as const) {
        runSum(simd, { kind: 'around', a, c, b }, x, out);
        same(memory.get(out, 1), [exact], 1e-7);
      }
    });
  });
