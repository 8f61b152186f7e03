import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  batchNorm,
  batchNormWithStats,
  createCpu,
  grad,
  mul,
  ones,
  randomKey,
  randomNormal,
  reshape,
  split,
  stack,
  sum,
  vjp,
  vmap,
  zeros,
  type Tensor,
} from 'bigrad';
import { number } from '../../../../support/arbitraries.js';
import { guarded, instances } from '../guarded.js';
import { list } from '../../../../support/numbers.js';
import { close, values } from '../../../../support/close.js';
import { onReference } from '../../../../support/memory.js';

const three = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 23 }));

for (const simd of instances)
  describe(`the ${simd.build} normalization`, () => {
    it('normalize over the outer and inner axes of [a,c,b], with its gradient', () => {
      const cases = three.chain(([a, c, b]) =>
        fc.tuple(
          fc.constant([a, c, b] as const),
          list(a * b * c, number()),
          list(a * b * c, number()),
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
          const [one, zero] = [
            onReference(new Array<number>(c).fill(1), [c]),
            onReference(new Array<number>(c).fill(0), [c]),
          ];
          const f = (t: Tensor) => batchNormWithStats(t, one, zero, { axes: [0, 2], eps });
          const expected = f(onReference(data, [a, c, b]));
          close(memory.get(y, a * b * c), values(expected.y), 1e-6);
          close(memory.get(mean, c), values(expected.mean), 1e-7);
          close(memory.get(variance, c), values(expected.variance), 1e-6);
          const rs = Array.from(memory.get(variance, c), (v) => 1 / Math.sqrt(v + eps));
          const [g, r, dx] = [memory.put(cotangent), memory.put(rs), put(a * b * c)];
          simd.kernels.normalizeGrad(g, y, r, dx, a, c, b);
          const [, pull] = vjp((t: Tensor) => f(t).y, onReference(data, [a, c, b]));
          close(memory.get(dx, a * b * c), values(pull(onReference(cotangent, [a, c, b]))), 5e-6);
          memory.check();
        }),
        { numRuns: 200 },
      );
    });

    it('normalize the batches of several networks, each by itself, with their gradients', () => {
      const device = createCpu({ simd: simd.build, leastWork: 0 });
      const x = randomNormal(randomKey(1, { device }), [3, 4, 5, 2, 6]);
      const g = randomNormal(randomKey(2, { device }), [3, 4, 5, 2, 6]);
      const f = (t: Tensor) => batchNorm(t, ones([5], { device }), zeros([5], { device }));
      const gradient = grad((t: Tensor, u: Tensor) => sum(mul(f(t), u)));
      const [ts, us] = [x, g].map((all) => split(all, 3).map((t) => reshape(t, [4, 5, 2, 6]))) as [Tensor[], Tensor[]];
      assert.deepEqual(values(vmap(f)(x)), values(stack(ts.map(f))));
      assert.deepEqual(values(vmap(gradient)(x, g)), values(stack(ts.map((t, i) => gradient(t, us[i]!)))));
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
  });
