import fc from 'fast-check';
import { logSoftmax, reference, softmax } from 'bigrad';
import { special, views } from '../../../../support/arbitraries.js';
import { agree } from '../../../../support/agree.js';
import { eager } from '../../../../support/builds.js';
import { guarded, instances } from '../guarded.js';
import { list } from '../../../../support/numbers.js';
import { close, values } from '../../../../support/close.js';
import { onReference } from '../../../../support/memory.js';

for (const simd of instances)
  describe(`the ${simd.build} softmax`, () => {
    for (const [f, logarithm] of [
      [softmax, false],
      [logSoftmax, true],
    ] as const)
      it(`computes ${logarithm ? 'logSoftmax' : 'softmax'} along rows and columns, NaN and infinities included`, () => {
        const cases = fc
          .tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 1, max: 19 }), fc.constantFrom(1, 4, 5, 8, 11))
          .chain(([a, c, b]) => fc.tuple(fc.constant([a, c, b] as const), list(a * c * b, special())));
        fc.assert(
          fc.property(cases, fc.constantFrom(1, 40), ([[a, c, b], plain], by) => {
            const data = plain.map((x) => x * by);
            const memory = guarded(simd);
            const [x, out] = [memory.put(data), memory.put(data.map(() => 7))];
            if (b === 1) simd.kernels.softmax(x, out, a, c, logarithm);
            else simd.kernels.softmaxBetween(x, out, a, c, b, logarithm);
            memory.check();
            close(memory.get(out, data.length), values(f(onReference(data, [a, c, b]), 1)), 3e-7);
          }),
        );
      });
  });

for (const device of eager)
  describe(`softmax on ${device.name}`, () => {
    it('is that of the reference along any axis of any view', () => {
      const cases = fc
        .array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 3 })
        .chain((shape) => fc.tuple(views(shape, special(), 'float32'), fc.nat(shape.length - 1)));
      fc.assert(
        fc.property(cases, ([x, axis]) => {
          agree([x], (t) => [softmax(t, axis), logSoftmax(t, axis)], 'float32', [device, reference]);
        }),
        { numRuns: 40 },
      );
    });
  });
