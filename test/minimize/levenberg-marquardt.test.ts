import assert from 'node:assert/strict';
import fc from 'fast-check';
import { add, eye, matmul, maximum, mul, norm, square, sub, transpose, type Tensor } from 'bigrad';
import { byCg, byQr } from '../../src/minimize/levenberg-marquardt.js';
import { linearizedBy, residualsOf, type Residuals } from '../../src/minimize/residuals.js';
import { times } from '../implicit/matrices.js';
import { near as close } from '../support/close.js';
import { double, f64, tensors, value } from '../support/numbers.js';

describe('the damped steps of levenbergMarquardt', () => {
  it('solve (J J + lambda S^2) p = - J r, by qr and by cg', () => {
    fc.assert(
      fc.property(tensors([4, 2]), tensors([4]), fc.constantFrom(0.1, 1), (a, b, lambda) => {
        const near = (x: Tensor) => linearizedBy('test', (v: Tensor) => sub(times(a)(v), b), x);
        const from = (residualsOf('test', near, f64([1, 2]), { plans: false, checked: true }) as Residuals).start;
        fc.pre(from.size > 0.1);
        const left = (p: Tensor, s: Tensor): number => {
          const damped = add(matmul(transpose(a), a), mul(mul(eye(2, double), square(s)), lambda));
          return value(norm(add(times(damped)(p), times(transpose(a))(from.residuals)))) / from.size;
        };
        // Of qr S is the largest norm that a column has had.
        const before = f64([0.5, 3]);
        const { solve, scale } = byQr(from, before);
        close(scale, maximum(before, norm(transpose(a), 1)));
        assert.ok(left(solve(lambda)!, scale!) < 1e-9);
        const unit = value(norm(times(a)(from.gradient))) / from.size;
        assert.ok(left(byCg(50)(from, undefined).solve(lambda)!, f64([unit, unit])) < 1.01e-3);
      }),
      { numRuns: 10 },
    );
  });
});
