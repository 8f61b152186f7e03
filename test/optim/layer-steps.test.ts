import assert from 'node:assert/strict';
import fc from 'fast-check';
import { tensor, zeros, type Tensor } from 'bigrad';
import { chain, lars, normalizeByRms, sgd } from 'bigrad/optim';
import { checkGrads } from 'bigrad/testing';
import { f64, list, number } from '../support/numbers.js';
import { refuses } from '../support/refuses.js';
import { flat, near } from '../support/close.js';

const rms = (xs: readonly number[]): number => Math.hypot(...xs) / Math.sqrt(xs.length);
const gradients = list(6, number(-5, 5)).filter((g) => rms(g) > 1e-3);
const matrix = (xs: readonly number[]): Tensor => f64([xs.slice(0, 3), xs.slice(3)]);

describe('normalizeByRms', () => {
  it('gives every gradient a root mean square of 1, in its direction', () => {
    fc.assert(
      fc.property(gradients, number(0.1, 100), (g, scale) => {
        const got = normalizeByRms()({ a: f64(g), b: [f64(g.map((x) => x * scale))] });
        const unit = g.map((x) => x / rms(g));
        near(flat(got), [...unit, ...unit]);
      }),
    );
  });

  it('keeps a zero gradient, one without elements, and divides by no less than eps', () => {
    near(flat(normalizeByRms()({ a: f64([0, 0]), b: zeros([0]) })), [0, 0], 0);
    near(flat(normalizeByRms({ eps: 10 })(f64([3, 4]))), [0.3, 0.4]);
  });

  it('can be differentiated twice', () => {
    checkGrads((x: Tensor) => normalizeByRms()(x), [f64([1, -2, 3])]);
  });

  it('refuses whole numbers and a negative eps', () => {
    refuses(() => normalizeByRms({ eps: -1 }), RangeError, 'normalizeByRms: expected eps', '-1');
    refuses(() => normalizeByRms()(tensor([1], { dtype: 'int32' })), TypeError, 'normalizeByRms:', 'int32');
  });
});

describe('lars', () => {
  it('makes steps of the same size relative to each matrix, and leaves biases alone', () => {
    fc.assert(
      fc.property(gradients, gradients, number(0.01, 1), (w, g, trust) => {
        const params = { w: matrix(w), b: f64(w) };
        const got = lars({ trust })({ w: matrix(g), b: f64(g) }, params);
        near(
          flat(got.w),
          g.map((x) => (x * trust * rms(w)) / rms(g)),
        );
        near(flat(got.b), g, 0);
      }),
    );
  });

  it('takes the parameters that `of` names, and those that have a gradient', () => {
    const params = { a: f64([3, 4]), b: matrix([1, 1, 1, 1, 1, 1]), c: matrix([1, 1, 1, 1, 1, 1]) };
    const all = lars({ trust: 1, of: (w) => w.shape.length === 1 });
    const got = all({ a: f64([10, 0]), b: params.b }, params) as typeof params;
    near(flat(got.a), [5, 0]);
    near(flat(got.b), [1, 1, 1, 1, 1, 1], 0);
    assert.equal(got.c, undefined);
  });

  it('gets the parameters from a chain, and can be differentiated in them', () => {
    const step = (w: Tensor, g: Tensor) => {
      const optimizer = chain(lars({ trust: 0.1 }), sgd({ learningRate: 1 }));
      return optimizer.update(g, optimizer.init(w), w)[0];
    };
    near(flat(step(matrix([3, 3, 3, 3, 3, 3]), matrix([5, 5, 5, 5, 5, -5]))), [2.7, 2.7, 2.7, 2.7, 2.7, 3.3]);
    checkGrads(step, [matrix([1, 2, 3, 4, 5, 6]), matrix([1, -1, 2, 1, 3, 1])]);
  });

  it('refuses to work without parameters, a trust of 0, and gradients without a parameter', () => {
    const w = matrix([1, 1, 1, 1, 1, 1]);
    refuses(() => lars({ trust: 1 })(w), TypeError, 'lars: expected the parameters beside their gradients', 'none');
    refuses(() => lars({ trust: 0 }), RangeError, 'lars: expected trust above 0', '0');
    refuses(() => lars({ trust: 1, of: 3 as never }), TypeError, 'lars: expected of as a function', '3');
    refuses(() => lars({ trust: 1 })({ w, v: w }, { w }), TypeError, 'lars:', 'v');
    const whole = tensor([1], { dtype: 'int32' });
    refuses(() => lars({ trust: 1 })(whole, f64([1])), TypeError, 'lars: expected float32 or float64', 'int32');
    refuses(() => lars({ trust: 1 })({ w, n: whole }, { w }), TypeError, 'lars: expected float32 or float64', 'int32');
  });
});
