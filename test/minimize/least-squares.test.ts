import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  add,
  atan,
  cast,
  div,
  exp,
  matmul,
  mul,
  reshape,
  sub,
  sum,
  square,
  tensor,
  transpose,
  solve,
  zeros,
  type Tensor,
} from 'bigrad';
import { leastSquares, type LeastSquaresOptions } from 'bigrad/optim';
import { times } from '../implicit/matrices.js';
import { near } from '../support/close.js';
import { double, f64, tensors, value } from '../support/numbers.js';
import { nist } from './nist.js';
import { element, powell } from './problems.js';

const methods = ['qr', 'cg'] as const;
/** Residuals of an exponential with a tree of parameters. */
const decay = ({ size, rate }: { size: Tensor; rate: Tensor }): Tensor =>
  sub(mul(size, exp(mul(rate, f64([0, 1, 2, 3])))), f64([2, 1.1, 0.7, 0.3]));
const start = { size: f64(1), rate: f64(0) };

describe('leastSquares', () => {
  it('solves linear problems in one step of Gauss and Newton, as the normal equations do', () => {
    fc.assert(
      fc.property(tensors([4, 2]), tensors([4]), (a, b) => {
        const normal = add(matmul(transpose(a), a), 0);
        const [p, q, r] = [0, 1, 3].map((i) => value(element(reshape(normal, [4]), i))) as [number, number, number];
        fc.pre(p * r - q * q > 0.1);
        const { x, steps } = leastSquares((v: Tensor) => sub(times(a)(v), b), zeros([2], double), { damping: 0 });
        near(x, solve(normal, times(transpose(a))(b)), 1e-9);
        assert.ok(steps <= 1);
      }),
      { numRuns: 15 },
    );
  });

  for (const { name, residuals, starts, certified, sumOfSquares } of nist)
    it(`finds the certified values of ${name} from starts of NIST`, () => {
      for (const x0 of starts) {
        const { x, value: half, converged } = leastSquares(residuals, f64(x0), { tolerance: 1e-9 });
        assert.ok(converged);
        near(mul(half, 2 / sumOfSquares), 1, 1e-10);
        near(
          div(x, f64(certified)),
          certified.map(() => 1),
          1e-7,
        );
      }
    });

  it('finds the minimum of Powell, where the Jacobian is singular', () => {
    for (const method of methods) {
      const { x, value: half } = leastSquares(powell, f64([3, -1, 0, 1]), { method });
      near([x, half], [0, 0, 0, 0, 0], 1e-2);
      near(half, 0, 1e-8);
    }
  });

  it('takes and gives trees, and goes the same way by qr, cg and plans', () => {
    const found = leastSquares(decay, start);
    assert.ok(found.converged && found.value.shape.length === 0);
    near(found.value, mul(sum(square(decay(found.x))), 0.5));
    for (const method of methods)
      for (const compile of [false, true]) {
        const other = leastSquares((p: typeof start) => ({ all: [decay(p)] }), start, { method, compile });
        near([other.x.size, other.x.rate], [found.x.size, found.x.rate], 1e-6);
      }
  });

  it('makes the Jacobian of up to 100 parameters, and takes products for more', () => {
    const fit = (n: number, options: LeastSquaresOptions<Tensor> = {}) =>
      leastSquares((x: Tensor) => sub(mul(x, 2), 1), zeros([n], double), options);
    const [dense, many] = [fit(100), fit(101)];
    near([dense.x, many.x], Array<number>(201).fill(0.5), 1e-6);
    near(fit(101, { cgSteps: 5 }).x, many.x, 1e-6);
    assert.ok(dense.products >= 100 && many.products > 0 && many.products < 50);
    const few = fit(2, { method: 'cg', cgSteps: 1 });
    near(few.x, [0.5, 0.5], 1e-6);
    assert.ok(few.products < fit(2, { method: 'qr' }).products + 10);
  });

  it('tells of every step half the sum of squares', () => {
    const told: number[] = [];
    const { steps } = leastSquares(decay, start, {
      progress: ({ x, value: v }) => {
        near(v, mul(sum(square(decay(x))), 0.5));
        told.push(v);
      },
    });
    assert.equal(told.length, steps);
    told.slice(1).forEach((v, i) => {
      assert.ok(v <= told[i]!);
    });
  });

  it('works in float32', () => {
    const x0 = { size: tensor(1), rate: tensor(0) };
    const { x, reason } = leastSquares((p) => {
      const wide = { size: cast(p.size, 'float64'), rate: cast(p.rate, 'float64') };
      return cast(decay(wide), 'float32');
    }, x0);
    near([x.size, x.rate], [leastSquares(decay, start).x.size, leastSquares(decay, start).x.rate], 1e-4);
    assert.ok(['gradient', 'reduction'].includes(reason));
  });

  it('goes the same way whatever the units of its parameters', () => {
    const steps = [1, 2 ** 20].map((unit) => {
      const r = ({ size, rate }: typeof start) => decay({ size: mul(size, unit), rate: mul(rate, 1 / unit) });
      return leastSquares(r, { size: f64(1 / unit), rate: f64(0) }, { tolerance: 1e-12, failure: 'report' }).steps;
    });
    assert.equal(steps[0], steps[1]);
  });

  it('damps a step that would go up, or that has no solution', () => {
    // From 2 the step for atan(x) leads to -3.5. That of a singular Jacobian does not exist.
    const far = leastSquares(atan, f64(2), { damping: 0 });
    near(far.x, 0, 1e-5);
    assert.ok(far.evaluations > far.steps + 1);
    near(leastSquares(decay, start, { damping: 1e14 }).value, leastSquares(decay, start).value, 1e-9);
    const both = leastSquares((x: Tensor) => sub(sum(x), 1), f64([0, 0]), { damping: 0 });
    near(both.x, [0.5, 0.5], 1e-5);
  });

  it('ends by the reduction that is left where gradients are large in their units', () => {
    const { reason, converged, gradientNorm } = leastSquares((p: typeof start) => mul(decay(p), 1e8), start);
    assert.deepEqual([reason, converged], ['reduction', true]);
    assert.ok(gradientNorm > 1e-6);
  });

  it('does not take the short steps of a large damping for such an end', () => {
    // The columns differ by 1e-7; the solution (-1e7, 1e7) is exact.
    const narrow = f64([
      [1e8, 1e8],
      [1e8, 1e8 + 10],
    ]);
    const { x } = leastSquares((v: Tensor) => sub(times(narrow)(v), f64([0, 1e8])), f64([0, 0]), { damping: 1 });
    near(mul(x, 1e-7), [-1, 1], 1e-5);
  });
});
