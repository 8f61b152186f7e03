import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  ConvergenceError,
  dot,
  exp,
  grad,
  hessian,
  maximum,
  mul,
  neg,
  pow,
  solve,
  square,
  sub,
  sum,
  zeros,
  type Tensor,
} from 'bigrad';
import { leastSquares, minimize, type MinimizeOptions } from 'bigrad/optim';
import { near, values } from '../support/close.js';
import { double, f64, tensors, value } from '../support/numbers.js';
import { refuses } from '../support/refuses.js';
import { bowls, quadratic, rosenbrock } from './problems.js';

const tight = { tolerance: 1e-12, linear: { tolerance: 1e-12 }, failure: 'report' } as const;
const methods = ['lbfgs', 'newton-cg'] as const;

describe('a minimum', () => {
  it('has the derivatives of its closed form in what f captures, and its value too', () => {
    fc.assert(
      fc.property(bowls(3), tensors([3]), fc.constantFrom(...methods), ({ a, b }, c, method) => {
        const of = (p: Tensor) => minimize(quadratic(a, p), zeros([3], double), { ...tight, method });
        // x = A^-1 p, and the value is -p'A^-1 p / 2.
        near(grad((p: Tensor) => dot(of(p).x, c))(b), solve(a, c), 1e-8);
        near(grad((p: Tensor) => of(p).value)(b), neg(solve(a, b)), 1e-8);
      }),
      { numRuns: 2 },
    );
  });

  it('has derivatives of the second order', () => {
    // Roots of c: of the third order as the minimum of x^4 / 4 - c x, and of the second.
    const third = (c: Tensor) =>
      minimize((x: Tensor) => sub(mul(pow(x, 4), 0.25), mul(c, x)), f64(1), { ...tight, method: 'newton-cg' }).x;
    near([third(f64(8)), grad(third)(f64(8)), hessian(third)(f64(8))], [2, 1 / 12, -1 / 144], 1e-8);
    const second = (c: Tensor) => leastSquares((x: Tensor) => sub(square(x), c), f64(1), tight).x;
    near([second(f64(4)), grad(second)(f64(4)), hessian(second)(f64(4))], [2, 0.25, -1 / 32], 1e-8);
  });

  it('solves for its derivatives as the option linear says', () => {
    const x = (linear: object) => (c: Tensor) =>
      sum(minimize((v: Tensor) => sum(mul(square(sub(v, c)), f64([1, 2]))), f64([0, 0]), { linear }).x);
    near(grad(x({ method: 'dense' }))(f64([1, 2])), [1, 1], 1e-9);
    refuses(() => grad(x({ maxSteps: 1 }))(f64([1, 2])), RangeError, 'in a derivative', 'after 1 steps');
  });

  it('says that it has no derivative where the Hessian is singular', () => {
    const flat = (c: Tensor) => sum(minimize((x: Tensor) => square(sub(sum(x), c)), f64([0, 0])).x);
    near(flat(f64(1)), 1, 1e-6);
    const twisted = (c: Tensor) => dot(minimize((x: Tensor) => square(sub(sum(x), c)), f64([0, 0])).x, f64([1, -1]));
    refuses(() => grad(twisted)(f64(1)), RangeError, 'minimize: expected a residual in a derivative of at most');
  });

  const few = (failure?: 'error' | 'nan' | 'report') => ({ maxSteps: 2, ...(failure && { failure }) });
  it('that was not found is an error, NaN on request, or what the last step gave', () => {
    for (const method of methods) {
      const search = (options: MinimizeOptions<Tensor>) => minimize(rosenbrock, f64([-1.2, 1]), { method, ...options });
      assert.throws(
        () => search(few()),
        (error: unknown) => {
          assert.ok(error instanceof ConvergenceError);
          assert.match(
            error.message,
            /^minimize: expected a gradient of norm of at most 0.000001, got .* after 2 steps; allow/,
          );
          assert.deepEqual([error.steps, error.target], [2, 1e-6]);
          return true;
        },
      );
      const lost = search(few('nan'));
      assert.deepEqual([values(lost.x), value(lost.value)], [[NaN, NaN], NaN]);
      const last = search(few('report'));
      near(last.value, rosenbrock(last.x));
      for (const { converged, reason, steps } of [lost, last])
        assert.deepEqual([converged, reason, steps], [false, 'steps', 2]);
    }
  });

  it('names the cause in the error', () => {
    const search = (f: (x: Tensor) => Tensor) => () => minimize(f, f64([0.3]));
    refuses(
      search((x) => sum(x)),
      RangeError,
      'f falls without an end in sight',
    );
    refuses(
      search((x) => sum(sub(mul(square(x), 1e-300), exp(mul(x, 100))))),
      RangeError,
      'without an end',
    );
    refuses(
      search((x) => sum(maximum(neg(x), mul(x, 2)))),
      RangeError,
      'it found no step that makes f smaller',
      'allow a larger tolerance',
    );
  });
});
