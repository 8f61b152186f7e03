import fc from 'fast-check';
import { slice, sum, mul, type Tensor } from 'bigrad';
import { rotary, type RotaryOptions } from 'bigrad/nn';
import { tensors, wave, value } from '../support/numbers.js';
import { near } from '../support/close.js';

// Values and derivatives are compared with PyTorch's in test/oracle/nn.test.ts.

const row = (x: Tensor, i: number): Tensor => slice(x, [i, 0], [1, x.shape[1]!]);
const product = (x: Tensor, y: Tensor): number => value(sum(mul(x, y)));

describe('rotary', () => {
  const options = fc.record<RotaryOptions>({ pairs: fc.constantFrom('neighbours', 'halves'), base: fc.constantFrom(10, 1e4) }); // prettier-ignore

  it('keeps lengths, and makes products depend on distances alone', () => {
    fc.assert(
      fc.property(options, fc.nat(40), tensors([2, 6]), (o, start, x) => {
        const [here, there] = [rotary(x, o), rotary(x, { ...o, start })];
        near(product(row(there, 0), row(there, 0)), product(row(x, 0), row(x, 0)));
        near(product(row(there, 0), row(there, 1)), product(row(here, 0), row(here, 1)));
        near(row(rotary(wave([9, 6]), o), 0), row(wave([9, 6]), 0));
      }),
      { numRuns: 20 },
    );
  });

  it('begins where it is told', () => {
    const x = wave([9, 4]);
    near(rotary(slice(x, [5, 0], [4, 4]), { start: 5 }), slice(rotary(x), [5, 0], [4, 4]));
  });
});
