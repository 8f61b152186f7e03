import fc from 'fast-check';
import { cast } from 'bigrad';
import { shapes, special, views } from '../../../support/arbitraries.js';
import { agree } from '../../../support/agree.js';

describe('casts on cpu give what the reference device gives', () => {
  it('between floats and to integers, of any view', () => {
    const cases = shapes().chain((shape) => fc.constantFrom('float32' as const, 'float64' as const).chain((dtype) => views(shape, special(), dtype))); // prettier-ignore
    fc.assert(
      fc.property(cases, (x) => {
        agree([x], (t) => [cast(t, 'float32'), cast(t, 'float64'), cast(t, 'int32')]);
      }),
      { numRuns: 30 },
    );
  });
});
