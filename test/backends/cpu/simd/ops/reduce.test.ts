import assert from 'node:assert/strict';
import fc from 'fast-check';
import { batchNormWithStats, fromTypedArray, reference, softmax, sum, vjp, type Shape, type Tensor } from 'bigrad';
import { reductionOf, runSum } from '../../../../../src/backends/cpu/simd/ops/reduce.js';
import { special, number } from '../../../../testing/arbitraries.js';
import { guarded, instances, same } from '../guarded.js';

const sizeOf = (shape: Shape): number => shape.reduce((n, d) => n * d, 1);
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

const length = fc.integer({ min: 0, max: 13 });
const three = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 23 }));

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

    it('normalize over the outer and inner axes of [a,c,b], with its gradient', () => {
      const cases = three.chain(([a, c, b]) =>
        fc.tuple(
          fc.constant([a, c, b] as const),
          list(number(), a * b * c),
          list(number(), a * b * c),
          fc.constantFrom(0, 1000),
        ),
      );
      fc.assert(
        fc.property(cases, ([[a, c, b], plain, cotangent, offset]) => {
          const data = plain.map((x) => x + offset);
          const memory = guarded(simd);
          const put = (n: number) => memory.put(new Array<number>(n).fill(7));
          const [x, y, mean, variance] = [memory.put(data), put(a * b * c), put(c), put(c)];
          const eps = 0.1;
          simd.kernels.normalize(x, y, mean, variance, a, c, b, eps);
          const [one, zero] = [on(new Array<number>(c).fill(1), [c]), on(new Array<number>(c).fill(0), [c])];
          const f = (t: Tensor) => batchNormWithStats(t, one, zero, { axes: [0, 2], eps });
          const expected = f(on(data, [a, c, b]));
          near(memory.get(y, a * b * c), values(expected.y), 1e-6);
          near(memory.get(mean, c), values(expected.mean), 1e-7);
          near(memory.get(variance, c), values(expected.variance), 1e-6);
          const rs = Array.from(memory.get(variance, c), (v) => 1 / Math.sqrt(v + eps));
          const [g, r, dx] = [memory.put(cotangent), memory.put(rs), put(a * b * c)];
          simd.kernels.normalizeGrad(g, y, r, dx, a, c, b);
          const [, pull] = vjp((t: Tensor) => f(t).y, on(data, [a, c, b]));
          near(memory.get(dx, a * b * c), values(pull(on(cotangent, [a, c, b]))), 5e-6);
          memory.check();
        }),
        { numRuns: 200 },
      );
    });

    it('normalize a channel with a NaN or an infinity to NaN, and no other', () => {
      for (const bad of [NaN, Infinity, -Infinity]) {
        const memory = guarded(simd);
        const data = Array.from({ length: 2 * 3 * 7 }, (_, i) => (i === 10 ? bad : i % 5));
        const [x, y, mean, variance] = [data, data, [0, 0, 0], [0, 0, 0]].map(memory.put) as [
          number,
          number,
          number,
          number,
        ];
        simd.kernels.normalize(x, y, mean, variance, 2, 3, 7, 0.1);
        const channel = (i: number): number => Math.floor(i / 7) % 3;
        memory.get(y, data.length).forEach((v, i) => {
          assert.equal(Number.isNaN(v), channel(i) === 1);
        });
      }
    });

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
