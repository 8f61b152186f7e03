import fc from 'fast-check';
import { maxPool2d, reference } from 'bigrad';
import { special, views } from '../../../support/arbitraries.js';
import { agree } from '../../../support/agree.js';
import { withPullback } from '../../../support/with-pullback.js';

describe('pooling loops give what the reference device gives', () => {
  it('on maxPool2d and its pullback, with ties, NaN and infinities', () => {
    const cases = fc
      .record({
        size: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
        stride: fc.integer({ min: 1, max: 3 }),
        extra: fc.tuple(fc.nat(3), fc.nat(3)),
        pads: fc.array(fc.nat(2), { minLength: 4, maxLength: 4 }),
      })
      .chain(({ size, stride, extra, pads }) => {
        const shape = [2, 2, size[0] + extra[0], size[1] + extra[1]];
        const [t, b, l, r] = pads.map((p, i) => Math.min(p, size[i >> 1]! - 1)) as [number, number, number, number];
        return fc.tuple(
          views(shape, special()),
          fc.constant({
            size,
            stride,
            padding: [
              [t, b],
              [l, r],
            ] as const,
          }),
        );
      });
    fc.assert(
      fc.property(cases, ([x, { size, stride, padding }]) => {
        try {
          maxPool2d(x.make(reference), size, { stride, padding });
        } catch {
          fc.pre(false); // a window on nothing but padding
        }
        agree(
          [x],
          withPullback((t) => maxPool2d(t, size, { stride, padding }), 1),
        );
      }),
    );
  });
});
