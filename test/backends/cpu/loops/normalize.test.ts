import fc from 'fast-check';
import { batchNorm, batchNormWithStats, layerNorm, leaves } from 'bigrad';
import { number, shapes, sources, special, views } from '../../../support/arbitraries.js';
import { agree } from '../../../support/agree.js';
import { withPullback } from '../../../support/with-pullback.js';

const positive = number(0.25, 2);

describe('normalizing loops give what the reference device gives', () => {
  it('on batchNorm, its statistics and their pullbacks, over any view', () => {
    const cases = shapes(2, 3, 1).chain((rest) =>
      fc.tuple(views([3, 2, ...rest]), sources([2], positive), sources([2]), views([3, 2, ...rest])),
    );
    fc.assert(
      fc.property(cases, ([x, scale, shift, g]) => {
        agree(
          [x, scale, shift, g],
          withPullback((a, b, c) => batchNorm(a, b, c, { eps: 0.1 }), 3),
        );
        agree(
          [x, scale, shift],
          withPullback((a, b, c) => leaves(batchNormWithStats(a, b, c, { eps: 0.1 })), 3),
        );
      }),
    );
  });

  it('on batchNorm and layerNorm with NaN and infinities', () => {
    const cases = fc.tuple(views([3, 4, 2], special()), sources([4]), sources([4]));
    fc.assert(
      fc.property(cases, (xs) => {
        agree(xs, (x, s, b) => [batchNorm(x, s, b), layerNorm(x, s, b, { axes: 1 })]);
      }),
    );
  });
});
