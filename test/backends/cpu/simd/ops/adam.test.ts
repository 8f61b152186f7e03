import fc from 'fast-check';
import { number, special } from '../../../../support/arbitraries.js';
import { guarded, instances, same } from '../guarded.js';

const f32 = Math.fround;
const lists = (n: number) => fc.array(special(), { minLength: n, maxLength: n });
const cases = fc
  .nat(21)
  .chain((n) => fc.tuple(lists(n), lists(n), lists(n), fc.array(number(0, 2), { minLength: n, maxLength: n })));

for (const simd of instances)
  describe(`the ${simd.build} kernel of Adam's step`, () => {
    it('is the formula rounded at each operation, in place or not, and touches nothing else', () => {
      fc.assert(
        fc.property(cases, fc.boolean(), fc.constantFrom(0, 1e-4), ([ps, gs, ms, vs], inPlace, epsRoot) => {
          const [beta1, beta2, eps] = [0.9, 0.999, 1e-8];
          const [rate, c1, c2] = [0.01, 0.19, 0.002].map(f32) as [number, number, number];
          const memory = guarded(simd);
          const g = memory.put(gs);
          const scalars = [rate, c1, c2].map((x) => memory.put([x])) as [number, number, number];
          const from = [ps, ms, vs].map((xs) => memory.put(xs)) as [number, number, number];
          const to = inPlace ? from : (from.map(() => memory.put(ps.map(() => 7))) as typeof from);
          const n = ps.length;
          simd.kernels.adamStep(
            from[0],
            g,
            from[1],
            from[2],
            ...scalars,
            ...to,
            n,
            beta1,
            1 - beta1,
            beta2,
            1 - beta2,
            eps,
            epsRoot,
          );
          memory.check();
          const m1 = ms.map((m, i) => f32(f32(m * f32(beta1)) + f32(gs[i]! * f32(1 - beta1))));
          const v1 = vs.map((v, i) => f32(f32(v * f32(beta2)) + f32(f32(gs[i]! * gs[i]!) * f32(1 - beta2))));
          const p1 = ps.map((p, i) => {
            const root = f32(Math.sqrt(f32(f32(v1[i]! / c2) + f32(epsRoot))));
            return f32(p - f32(f32(f32(m1[i]! / c1) / f32(root + f32(eps))) * rate));
          });
          [p1, m1, v1].forEach((expected, i) => {
            same(memory.get(to[i]!, n), expected, 0, 'pmv'[i]);
          });
        }),
        { numRuns: 200 },
      );
    });
  });
