import fc from 'fast-check';
import { softmax } from 'bigrad';
import { special } from '../../../../support/arbitraries.js';
import { guarded, instances } from '../guarded.js';
import { list } from '../../../../support/numbers.js';
import { close, values } from '../../../../support/close.js';
import { onReference } from '../../../../support/memory.js';

for (const simd of instances)
  describe(`the ${simd.build} softmax`, () => {
    it('compute softmax along rows, NaN and infinities included', () => {
      const cases = fc
        .tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 1, max: 19 }))
        .chain(([rows, n]) => fc.tuple(fc.constant(rows), fc.constant(n), list(rows * n, special())));
      fc.assert(
        fc.property(cases, fc.constantFrom(1, 40), ([rows, n, plain], by) => {
          const data = plain.map((x) => x * by);
          const memory = guarded(simd);
          const [x, out] = [memory.put(data), memory.put(data.map(() => 7))];
          simd.kernels.softmax(x, out, rows, n);
          memory.check();
          close(memory.get(out, rows * n), values(softmax(onReference(data, [rows, n]))), 3e-7);
        }),
      );
    });
  });
