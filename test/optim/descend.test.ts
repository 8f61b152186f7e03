import assert from 'node:assert/strict';
import fc from 'fast-check';
import { tensor, type Tensor } from 'bigrad';
import { descend } from 'bigrad/optim';
import { checkGrads } from 'bigrad/testing';
import { f64, list, number } from '../support/numbers.js';
import { refuses } from '../support/refuses.js';
import { flat, near } from '../support/close.js';

describe('descend', () => {
  it('is p - rate g, by a number or by a scalar tensor', () => {
    fc.assert(
      fc.property(list(3, number(-5, 5)), list(3, number(-5, 5)), number(0, 2), (p, g, rate) => {
        const expected = p.map((x, i) => x - rate * g[i]!);
        for (const r of [rate, f64(rate)]) near(flat(descend({ a: f64(p) }, { a: f64(g) }, r)), expected);
      }),
    );
  });

  it('leaves parameters without a gradient as they are', () => {
    const params = { a: f64([1]), b: f64([2]) };
    assert.equal(descend(params, { a: f64([1]) }, 1).b, params.b);
  });

  it('can be differentiated in all that it takes', () => {
    checkGrads((p: Tensor, g: Tensor, r: Tensor) => descend(p, g, r), [f64([1, 2]), f64([3, -4]), f64(0.5)]);
  });

  it('refuses other shapes, a rate that is no scalar, and gradients without a parameter', () => {
    const p = f64([1, 2]);
    refuses(() => descend(p, f64([1]), 1), RangeError, 'descend: expected a gradient of shape [2]', '[1]');
    refuses(() => descend(p, p, p), RangeError, 'descend: expected a rate as a number or a scalar', '[2]');
    refuses(() => descend(p, p, -1), RangeError, 'descend: expected a rate', '-1');
    refuses(() => descend({ p }, { p, q: p }, 1), TypeError, 'descend:', 'q');
    refuses(() => descend(tensor([1], { dtype: 'int32' }), tensor([1]), 1), TypeError, 'descend:', 'int32');
  });
});
