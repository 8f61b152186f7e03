import assert from 'node:assert/strict';
import fc from 'fast-check';
import { argsort, fromTypedArray, reference, topK, transpose, type Buffer, type Tensor } from 'bigrad';
import { eager } from '../../../../support/builds.js';
import { values } from '../../../../support/close.js';
import { guarded, instances } from '../guarded.js';

const special = [0, -0, 1, 1, -1, 2 ** -140, -(2 ** -140), 3e38, NaN, Infinity, -Infinity];
const numbers = (n: number): fc.Arbitrary<number[]> =>
  fc.array(fc.oneof(fc.constantFrom(...special), fc.float({ noNaN: true }), fc.integer({ min: -9, max: 9 })), {
    minLength: n,
    maxLength: n,
    size: 'max',
  });
const makers: Record<string, (xs: readonly number[]) => Buffer> = {
  float32: (xs) => Float32Array.from(xs),
  int32: (xs) => Int32Array.from(xs, (x) => (Number.isFinite(x) ? x * 2 ** 20 : x > 0 ? 2 ** 31 - 1 : -(2 ** 31))),
};

for (const device of eager)
  describe(`orders on ${device.name}`, () => {
    for (const [dtype, make] of Object.entries(makers))
      it(`are those of the reference, for rows of any length of ${dtype}`, () => {
        const rows = fc.constantFrom(0, 1, 2, 33, 64, 65, 300).chain((n) => numbers(2 * n));
        fc.assert(
          fc.property(rows, fc.boolean(), fc.constantFrom(0, 1, 5, 32, 33), (xs, descending, k) => {
            const agree = (f: (x: Tensor) => Tensor): void => {
              const of = (d: typeof device) => values(f(fromTypedArray(make(xs), [2, xs.length / 2], { device: d })));
              assert.deepEqual(of(device), of(reference));
            };
            agree((x) => argsort(x, -1, { descending }));
            agree((x) => argsort(transpose(x), 0, { descending }));
            agree((x) => topK(x, Math.min(k, x.shape[1]!)).indices);
          }),
          { numRuns: 20 },
        );
      });

    it('are those of the reference for a row of 5,000, by longer digits', () => {
      const data = Float32Array.from({ length: 5000 }, (_, i) => Math.sin(i) * 10 ** (i % 7) * (i % 11 === 0 ? 0 : 1));
      for (const descending of [false, true]) {
        const of = (d: typeof device) => argsort(fromTypedArray(data, [5000], { device: d }), 0, { descending });
        assert.deepEqual(of(device).readSync(), of(reference).readSync());
      }
    });
  });

for (const simd of instances)
  describe(`the ${simd.build} argsort`, () => {
    it('writes nothing outside of its result and of its scratch memory', () => {
      for (const [length, first] of [
        [3, 3],
        [70, 70],
        [70, 5],
        [4096, 33],
      ] as const) {
        const memory = guarded(simd);
        const x = memory.put(Array.from({ length: 2 * length }, (_, i) => Math.sin(i)));
        const out = memory.putInts(new Int32Array(2 * first));
        const scratch = memory.alloc(simd.kernels.argsortScratch(length));
        memory.alloc(16);
        simd.kernels.argsort(x, out, 1, length, 2, first, false, true, scratch);
        memory.check();
        const places = memory.getInts(out, 2 * first);
        const column = places.filter((_, i) => i % 2 === 0).map((k) => Math.sin(2 * k));
        assert.deepEqual(
          column,
          [...column].sort((a, b) => b - a),
        );
      }
    });
  });
