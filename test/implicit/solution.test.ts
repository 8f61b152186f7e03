import assert from 'node:assert/strict';
import {
  add,
  compile,
  ConvergenceError,
  customRoot,
  fixedPoint,
  grad,
  linearSolve,
  mul,
  ones,
  reference,
  square,
  sub,
  sum,
  tensor,
  vmap,
  zeros,
  type LinearSolveOptions,
  type Tensor,
  onesLike,
} from 'bigrad';
import { near, values } from '../support/close.js';
import { double, f64, value } from '../support/numbers.js';
import { refuses } from '../support/refuses.js';
import { times } from './matrices.js';

const twice = (v: Tensor): Tensor => mul(v, 2);
const [singular, b] = [
  f64([
    [1, 1],
    [1, 1],
  ]),
  f64([1, 2]),
];

describe('what did not converge', () => {
  it('is an error that tells how far it came, by every method', () => {
    for (const method of ['cg', 'gmres', 'neumann', 'dense'] as const)
      assert.throws(
        () => linearSolve(times(singular), b, { method }),
        (error: unknown) => {
          assert.ok(error instanceof ConvergenceError && error instanceof RangeError, String(error));
          assert.match(error.message, /^linearSolve: expected a residual of at most .*, got .* after \d+ steps; /);
          assert.deepEqual([error.name, error.solver], ['ConvergenceError', 'linearSolve']);
          assert.ok(!(error.residual <= error.target));
          return true;
        },
      );
  });

  it('names what is known of the cause', () => {
    const solve = (options: LinearSolveOptions<Tensor>, a = singular) => linearSolve(times(a), b, options);
    refuses(() => solve({ method: 'dense' }), RangeError, 'the matrix is singular');
    refuses(
      () =>
        solve(
          { method: 'cg' },
          f64([
            [-1, 0],
            [0, 1],
          ]),
        ),
      RangeError,
      'needs a positive definite matrix',
    );
    refuses(
      () =>
        solve(
          { method: 'neumann' },
          f64([
            [9, 0],
            [0, 9],
          ]),
        ),
      RangeError,
      'choose a smaller scale',
    );
    refuses(
      () =>
        solve(
          { maxSteps: 1 },
          f64([
            [1, 0],
            [0, 3],
          ]),
        ),
      RangeError,
      'after 1 steps',
      'the matrix may be singular',
      'allow more steps',
    );
  });

  it('is NaN inside compile and vmap where the matvec is not linear, though the solve converges', () => {
    const solve = (failure: 'error' | 'report') => (right: Tensor) => linearSolve(square, right, { failure });
    const lost = compile(solve('error'))(onesLike(b));
    assert.deepEqual([values(lost.x), value(lost.converged)], [[NaN, NaN], 0]);
    const last = compile(solve('report'))(onesLike(b));
    near(last.x, [1, 1]);
    assert.equal(value(last.converged), 0);
    assert.deepEqual(values(vmap(solve('error'))(ones([1, 2], double)).x), [NaN, NaN]);
  });

  it('is NaN on request, and inside compile, where nobody can look; or what the last step gave', () => {
    const d = f64([1, 2, 3]);
    const solve = (failure?: 'error' | 'nan' | 'report') => (c: Tensor) =>
      linearSolve((v: Tensor) => mul(v, d), c, { method: 'cg', maxSteps: 1, ...(failure && { failure }) });
    const c = f64([1, 1, 1]);
    for (const { x, converged } of [solve('nan')(c), compile(solve())(c), compile(solve('nan'))(c)]) {
      assert.deepEqual(values(x), [NaN, NaN, NaN]);
      assert.equal(value(converged), 0);
    }
    for (const { x, converged, residual } of [solve('report')(c), compile(solve('report'))(c)]) {
      near(x, [0.5, 0.5, 0.5], 1e-12); // the step of steepest descent: 3 / 6
      near(residual, Math.sqrt(0.5), 1e-12);
      assert.equal(value(converged), 0);
    }
  });

  it('is an error in a derivative too, which says that it is one', () => {
    // Upwards one step is enough, for (1, 0) is an eigenvector of A, but none of A'.
    const upper = f64([
      [1, 1],
      [0, 2],
    ]);
    const f = (c: Tensor) => sum(linearSolve(times(upper), c, { maxSteps: 1 }).x);
    near(f(f64([1, 0])), 1, 1e-12);
    refuses(() => grad(f)(f64([1, 0])), RangeError, 'linearSolve: expected a residual in a derivative of at most');
  });

  it('is found at roots and fixed points', () => {
    const root = (options = {}) =>
      customRoot(
        (x: Tensor) => sub(x, 2),
        () => ({ x: f64(1) }),
        options,
      )();
    refuses(
      root,
      RangeError,
      'customRoot: expected a residual of at most',
      'got 1 after 0 steps',
      'solve more closely',
    );
    assert.equal(value(root({ failure: 'report' }).x), 1);
    assert.equal(value(root({ tolerance: 0.5 }).converged), 1);
    refuses(() => fixedPoint(twice, f64(1), { maxSteps: 5 }), RangeError, 'fixedPoint: expected a residual', '5 steps');
    const { x, steps } = fixedPoint(twice, f64(1), { maxSteps: 5, failure: 'report' });
    assert.deepEqual([value(x), value(steps)], [32, 5]);
    // A fixed point where I - J is singular has no derivative.
    const flat = (c: Tensor) => sum(fixedPoint((v: Tensor) => add(v, mul(c, 0)), f64(1)).x);
    refuses(() => grad(flat)(f64(1)), RangeError, 'fixedPoint: expected a residual in a derivative');
  });
});

describe('refused by name:', () => {
  const solve = (matvec: unknown, right: unknown = b, options: object = {}) =>
    linearSolve(matvec as typeof twice, right as Tensor, options);
  const calls: Record<string, [() => unknown, typeof RangeError | typeof TypeError, ...string[]]> = {
    'a matvec that is no function': [() => solve(3), TypeError, 'linearSolve: expected a function', 'number 3'],
    'a matvec that is affine': [
      () => solve((v: Tensor) => add(v, 1)),
      TypeError,
      'linearSolve: expected a linear matvec',
    ],
    'a matvec that is not linear': [() => solve(square, b, { method: 'cg' }), TypeError, 'a linear matvec'],
    'one whose solve converges all the same': [() => solve(square, onesLike(b)), TypeError, 'a linear matvec'],
    'a matvec of another shape': [
      () => solve(() => zeros([3], double)),
      RangeError,
      'linearSolve: expected matvec to give a tree like b, with float64 [2], got float64 [3]',
    ],
    'a matvec of another dtype': [() => solve(() => tensor([1, 2])), RangeError, 'float32 [2]'],
    'a matvec of another structure': [() => solve((v: Tensor) => [v]), TypeError, 'linearSolve: expected trees of one'],
    'a b without floats': [() => solve(twice, { n: 3 }), TypeError, 'expected b with at least one tensor', 'an object'],
    'a b of two dtypes': [() => solve(twice, [b, tensor(1)]), TypeError, 'linearSolve: expected equal dtypes'],
    'an unknown method': [() => solve(twice, b, { method: 'lu' }), RangeError, "'cg', 'gmres', 'neumann' or 'dense'"],
    'an unknown failure': [() => solve(twice, b, { failure: 'ignore' }), RangeError, "'error', 'nan' or 'report'"],
    'a tolerance of 0': [
      () => solve(twice, b, { tolerance: 0 }),
      RangeError,
      'linearSolve: expected tolerance above 0',
    ],
    'no steps': [() => solve(twice, b, { maxSteps: 0 }), RangeError, 'linearSolve: expected maxSteps'],
    'a negative ridge': [() => solve(twice, b, { ridge: -1 }), RangeError, 'linearSolve: expected ridge'],
    'a ridge of many numbers': [() => solve(twice, b, { ridge: b }), RangeError, 'ridge to be a scalar', 'float64 [2]'],
    'a ridge of another dtype': [
      () => solve(twice, b, { ridge: tensor(1) }),
      TypeError,
      'linearSolve: expected equal dtypes',
    ],
    'a ridge on another device': [
      () => solve(twice, b, { ridge: tensor(1, { ...double, device: reference }) }),
      TypeError,
      'linearSolve: expected',
      'on one device',
    ],
    'a preconditioner that is no function': [
      () => solve(twice, b, { preconditioner: 3 }),
      TypeError,
      'linearSolve: expected preconditioner to be a function',
    ],
    'a solve that gives no x': [
      () =>
        customRoot(
          (x: Tensor) => x,
          () => f64(1) as never,
        )(),
      TypeError,
      'customRoot: expected solve to return { x, steps }, got a Tensor',
    ],
    'a solve that gives null': [
      () =>
        customRoot(
          (x: Tensor) => x,
          () => null as never,
        )(),
      TypeError,
      'customRoot: expected solve to return { x, steps }, got null',
    ],
    'a solve that gives a number': [
      () =>
        customRoot(
          (x: Tensor) => x,
          () => 3 as never,
        )(),
      TypeError,
      'customRoot: expected solve to return { x, steps }, got the number 3',
    ],
    'a solve that gives no x by name': [
      () =>
        customRoot(
          (x: Tensor) => x,
          () => ({ y: f64(1) }) as never,
        )(),
      TypeError,
      'customRoot: expected solve to return { x, steps }, got an object',
    ],
    'steps that are no scalar': [
      () =>
        customRoot(
          (x: Tensor) => x,
          () => ({ x: f64(1), steps: f64([1, 2]) }),
        )(),
      TypeError,
      'customRoot: expected the steps of solve',
    ],
    'steps that are no number': [
      () =>
        customRoot(
          (x: Tensor) => x,
          () => ({ x: f64(1), steps: 'ten' as never }),
        )(),
      TypeError,
      'customRoot: expected the steps of solve',
    ],
    'an optimality of another shape': [
      () =>
        customRoot(
          (_: Tensor) => b,
          () => ({ x: f64(1) }),
        )(),
      RangeError,
      'customRoot: expected a residual like the x of solve',
    ],
    'linear options that are unknown': [
      () =>
        customRoot(
          (x: Tensor) => x,
          () => ({ x: f64(1) }),
          { linear: { ridge: 1 } as never },
        ),
      TypeError,
      'customRoot: expected no options but method',
    ],
    'a step that changes shapes': [
      () => fixedPoint(() => b, f64(1)),
      RangeError,
      'fixedPoint: expected step to give a tree like x, with float64 [], got float64 [2]',
    ],
  };
  for (const [what, [call, kind, ...words]] of Object.entries(calls))
    it(what, () => {
      refuses(call, kind, ...words);
    });
});
