import assert from 'node:assert/strict';
import fc from 'fast-check';
import { sum } from 'bigrad';
import { reductionOf, runSum } from '../../../../../src/backends/cpu/simd/ops/reduce.js';
import { special } from '../../../../support/arbitraries.js';
import { guarded, instances, same } from '../guarded.js';
import { list } from '../../../../support/numbers.js';
import { values } from '../../../../support/close.js';
import { onReference } from '../../../../support/memory.js';
import { sizeOf } from '../../../../../src/core/shape.js';

const length = fc.integer({ min: 0, max: 13 });

for (const simd of instances)
  describe(`the ${simd.build} reductions`, () => {
    it('sum over any axes that merge into three, NaN and infinities included', () => {
      const cases = fc
        .array(length, { maxLength: 4 })
        .chain((shape) => fc.tuple(fc.constant(shape), fc.subarray([...shape.keys()]), list(sizeOf(shape), special())));
      fc.assert(
        fc.property(cases, ([shape, axes, data]) => {
          const reduction = reductionOf(shape, axes);
          fc.pre(reduction !== undefined);
          const memory = guarded(simd);
          const expected = values(sum(onReference(data, shape), axes));
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
      assert.deepEqual(reductionOf([2, 3, 4, 5], [1, 3]), { kind: 'around', times: 2, a: 3, c: 4, b: 5 });
      assert.equal(reductionOf([2, 3, 4, 5, 6], [1, 3]), undefined);
      assert.deepEqual(reductionOf([2, 3, 1, 5], [0, 3]), { kind: 'around', times: 1, a: 2, c: 3, b: 5 });
      assert.deepEqual(reductionOf([2, 3, 4, 5], [1, 2]), { kind: 'between', times: 1, a: 2, c: 12, b: 5 });
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
        runSum(simd, { kind: 'around', times: 1, a, c, b }, x, out);
        same(memory.get(out, 1), [exact], 1e-7);
      }
    });
  });
