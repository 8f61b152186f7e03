import fc from 'fast-check';
import { avgPool2d, conv2d, dot, grad, vjp, type Tensor } from 'bigrad';
import { number, special, views } from '../../../support/arbitraries.js';
import { agree } from '../../../support/agree.js';
import { cases, optionsOf, pair, type Geometry, type Two } from '../../../support/convolutions.js';

/** y = conv2d(x, w), and the cotangents of x and w: the three kernels of the family. */
const family = (a: Geometry) => (x?: Tensor, w?: Tensor, g?: Tensor) => {
  const [y, pull] = vjp((p: Tensor[]) => conv2d(p[0]!, p[1]!, optionsOf(a)), [x!, w!]);
  return [y, ...pull(g!)];
};

describe('convolutions on the cpu device agree with the reference device', () => {
  for (const dtype of ['float32', 'float64'] as const)
    it(`for any stride, dilation, groups, one-sided padding and views, in ${dtype}`, () => {
      fc.assert(
        fc.property(cases(undefined, undefined, dtype), ([a, x, w, g]) => {
          agree([x, w, g], family(a), dtype);
        }),
        { numRuns: 200 },
      );
    });

  it('in their second derivatives', () => {
    fc.assert(
      fc.property(cases(), ([a, x, w, g]) => {
        const second = (...xs: Tensor[]): unknown => grad((p: Tensor[]) => dot(family(a)(...p), family(a)(...xs)))(xs);
        agree([x, w, g], second);
      }),
      { numRuns: 40 },
    );
  });

  it('with NaN and infinities in x, whatever the padding', () => {
    fc.assert(
      fc.property(cases(undefined, [special(), number(), number()]), ([a, x, w, g]) => {
        agree([x, w, g], family(a));
      }),
    );
  });

  it('with NaN and infinities everywhere, without padding', () => {
    const bare = fc.constant<Two>([0, 0]);
    fc.assert(
      fc.property(cases(bare, [special(), special(), special()]), ([a, x, w, g]) => {
        agree([x, w, g], family(a));
      }),
    );
  });

  it('for avgPool2d', () => {
    const shape = [2, 2, 5, 6];
    fc.assert(
      fc.property(views(shape), pair(2, 3), pair(1, 3), pair(0, 1), (x, size, stride, padding) => {
        agree([x], (t) => avgPool2d(t, size, { stride, padding }));
      }),
      { numRuns: 40 },
    );
  });
});
