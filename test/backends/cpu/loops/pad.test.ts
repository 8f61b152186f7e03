import fc from 'fast-check';
import { grad, mul, pad, slice, sum, type Tensor } from 'bigrad';
import { number, views } from '../../../support/arbitraries.js';
import { agree } from '../../../support/agree.js';

describe('padding on cpu gives what the reference device gives', () => {
  it('in runs and element by element, of any view, between steps too', () => {
    const size = fc.nat(3);
    const cases = fc
      .tuple(size, fc.constantFrom(3, 16, 20), fc.constantFrom('float32' as const, 'float64' as const))
      .chain(([a, b, dtype]) =>
        fc.tuple(views([a, 2, b], number(), dtype), fc.array(size, { minLength: 6, maxLength: 6 }), fc.constantFrom(0, -7)),
      ); // prettier-ignore
    fc.assert(
      fc.property(cases, ([x, sides, value]) => {
        const pairs = x.shape.map((_, i) => [sides[2 * i]!, sides[2 * i + 1]!] as const);
        const every = (t: Tensor) => slice(t, [0, 0, 0], [t.shape[0]!, 1, Math.ceil(t.shape[2]! / 2)], [1, 2, 2]);
        const slope = grad((t: Tensor) => sum(mul(every(t), every(t))));
        agree([x], (t) => [pad(t, pairs, value), slope(t)], 'float64');
      }),
      { numRuns: 30 },
    );
  });
});
