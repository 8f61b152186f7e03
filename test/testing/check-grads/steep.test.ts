import assert from 'node:assert/strict';
import fc from 'fast-check';
import { add, customVjp, div, log, mul, pow, sin, sqrt, square, sub, tensor, type Tensor } from 'bigrad';
import { checkGrads } from 'bigrad/testing';
import { caught } from '../../support/caught.js';
import { double, f64 } from '../../support/numbers.js';

describe('checkGrads, where higher derivatives are large,', () => {
  describe('takes the error of the differences into account:', () => {
    // Functions whose higher derivatives are large, and points within their domains.
    const steep: [string, (v: Tensor) => Tensor, number, number][] = [
      ['log', log, 0.02, 0.2],
      ['sqrt', sqrt, 0.02, 0.2],
      ['1/x', (v) => div(1, v), 0.05, 0.2],
      ['x^-2', (v) => pow(v, -2), -0.2, -0.05],
      ['sin(200 x)', (v) => sin(mul(v, 200)), 0.1, 3],
    ];
    const points = (from: number, to: number) =>
      fc.array(fc.double({ min: from, max: to, noNaN: true }), { minLength: 1, maxLength: 2 }).map(f64);
    const some = { numRuns: 8 };

    for (const [name, f, from, to] of steep) {
      it(`${name} is not blamed`, () => {
        fc.assert(
          fc.property(points(from, to), (at) => {
            checkGrads(f, [at]);
          }),
          some,
        );
      });

      it(`${name} with a rule that is wrong by 1e-3 is`, () => {
        const slope = (v: Tensor): Tensor => div(sub(f(add(v, 1e-5)), f(sub(v, 1e-5))), 2e-5);
        const wrong = customVjp(f, (g: Tensor, v) => mul(g, mul(slope(v), 1.001)));
        fc.assert(
          fc.property(points(from, to), (at) => {
            fc.pre(
              slope(at)
                .readSync()
                .every((s) => Math.abs(s) > 0.1),
            );
            const error = caught(name, wrong, [at], { shrink: true });
            const ratio = error.analytic / error.numeric;
            assert.ok(error.order === 1 && Math.abs(ratio - 1.001) < 1e-4, error.message);
            const [smaller] = error.args as [Tensor];
            assert.ok(smaller.readSync().every((v) => Math.sign(v) === Math.sign(from)));
          }),
          some,
        );
      });
    }

    it('a mistake that is smaller than the error of differences that do not settle is', () => {
      const rough = (v: Tensor) => add(v, mul(sin(mul(v, 1e9)), 1e-5));
      const wrong = customVjp(rough, (g: Tensor) => mul(g, 1.005));
      const { analytic, numeric } = caught('rough', wrong, [f64([-0.7])], { order: 1 });
      assert.ok(Math.abs(numeric / analytic - 1) > 1e-4);
    });

    it('a kink, where differences agree with each other and not with the rule, is', () => {
      const error = caught('kink', (v) => sqrt(square(v)), [f64([0])], { order: 1 });
      assert.ok(Number.isNaN(error.analytic) && error.numeric === 0);
    });
  });

  it('reports arguments where numbers differ, although both are NaN or infinite at smaller ones', () => {
    const wrong = customVjp(sqrt, (g: Tensor, _, y) => mul(g, div(0.6, y)));
    const error = caught('sqrt', wrong, [f64([[0.023, 0.04]])], { shrink: true });
    assert.deepEqual([error.args, Math.round((1e3 * error.analytic) / error.numeric)], [[f64([[0.02]])], 1200]);
    // The half of the axis that is kept first has no differences.
    const shifted = (a: Tensor) => wrong(sub(a, tensor([[0.1, 0]], double)));
    const whole = caught('sqrt', shifted, [f64([[0.4, 0.3]])], { shrink: true });
    assert.ok(Number.isFinite(whole.numeric) && Number.isFinite(whole.analytic), whole.message);
  });
});
