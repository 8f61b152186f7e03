import assert from 'node:assert/strict';
import {
  add,
  compile,
  linearSolve,
  mul,
  tensor,
  type LinearMethod,
  type LinearSolveOptions,
  type Tensor,
} from 'bigrad';
import { near, values } from '../support/close.js';
import { f64, value, wave } from '../support/numbers.js';
import { refuses } from '../support/refuses.js';
import { times } from './matrices.js';

type Options = LinearSolveOptions<Tensor>;
const report = { failure: 'report' } as const;
const krylov: readonly LinearMethod[] = ['cg', 'gmres'];
/** Numbers of the diagonal of a matrix, and ones for a right-hand side. */
const spread = f64(Array.from({ length: 20 }, (_, i) => 1 + i));
const ones = f64(Array.from({ length: 20 }, () => 1));
const solve = (options: Options, d = spread, b = ones) => linearSolve((v: Tensor) => mul(v, d), b, options);
/** How often a solve asks for a product, and the steps that it tells. */
const asked = (options: Options, d = spread, b = ones) => {
  let calls = 0;
  const { steps } = linearSolve((v: Tensor) => (calls++, mul(v, d)), b, options);
  return { calls, steps: value(steps) };
};

describe('a linear solve', () => {
  it('takes at most maxSteps, and all of them where it needs more', () => {
    for (const options of [
      { method: 'cg' },
      { method: 'gmres' },
      { method: 'gmres', restart: 5 },
      { method: 'neumann', scale: 0.05 },
    ] as const)
      assert.equal(value(solve({ ...options, ...report, maxSteps: 7 }).steps), 7, JSON.stringify(options));
    // The series of 1 / (1 - 1/2) after three steps.
    near(solve({ method: 'neumann', ...report, maxSteps: 3 }, f64([0.5]), f64([1])).x, [1.75], 0);
  });

  it('asks for no product when it has converged, but to check the solution', () => {
    for (const method of ['cg', 'gmres', 'neumann'] as const) {
      const { calls, steps } = asked({ method, maxSteps: 500, scale: 0.05, tolerance: 1e-2 });
      assert.ok(calls <= steps + 3, `${method}: ${calls} calls, ${steps} steps`);
    }
  });

  it('ends where it comes no further', () => {
    const flat = f64([1, 0]);
    for (const method of krylov) {
      const { calls } = asked({ method, ...report, maxSteps: 5000, restart: 2 }, flat, f64([1, 1]));
      assert.ok(calls < 20, `${method}: ${calls} calls`);
    }
    // The series grows by 8 in a step: it ends at a thousand times b.
    assert.ok(value(solve({ method: 'neumann', ...report }, f64([9]), f64([1])).residual) < 1e4);
  });

  it('begins gmres again after restart steps, and nothing else', () => {
    const steps = (options: Options): number => value(solve({ maxSteps: 500, ...options }).steps);
    assert.ok(steps({ method: 'gmres', restart: 5 }) > steps({ method: 'gmres' }));
    assert.equal(steps({ method: 'cg', restart: 1 }), steps({ method: 'cg' }));
  });

  it('begins again in a plan too', () => {
    const a = f64([
      [1, 0.2, 0],
      [-0.1, 1.1, 0.2],
      [0.1, 0, 0.9],
    ]);
    const f = (b: Tensor) => linearSolve(times(a), b, { restart: 2, tolerance: 1e-3 });
    const [b, { x, converged, steps }] = [f64([1, 2, -1]), compile(f)(f64([1, 2, -1]))];
    near(x, f(b).x, 1e-3);
    assert.deepEqual([value(converged), value(steps) > 2], [1, true]);
  });

  it('has room in a plan for two steps for each element, by methods that need no more', () => {
    const calls = (options: Options): number => {
      let n = 0;
      compile((b: Tensor) => linearSolve((v: Tensor) => (n++, mul(v, f64([2, 3]))), b, options).x)(f64([1, 1]));
      return n;
    };
    for (const method of krylov) assert.ok(calls({ method }) < 10, method);
    assert.ok(calls({ method: 'neumann', scale: 0.4 }) >= 100);
    near(
      compile((b: Tensor) => solve({ method: 'neumann', scale: 0.4 }, f64([2, 3]), b).x)(f64([1, 1])),
      [1 / 2, 1 / 3],
      1e-9,
    );
  });

  it('makes a dense matrix once, and does not call it singular where it is not', () => {
    const a = add(wave([3, 3]), f64([[2, 0, 0], [0, 2, 0], [0, 0, 2]])); // prettier-ignore
    const dense = (options: Options) => (b: Tensor) => linearSolve(times(a), b, { method: 'dense', ...options });
    const b = wave([3], 4);
    assert.equal(value(dense({ tolerance: 1e-30, ...report })(b).steps), 3);
    assert.equal(value(compile(dense({}))(b).steps), 3);
    assert.throws(
      () => dense({ tolerance: 1e-30 })(b),
      (error: unknown) => /^ConvergenceError/.test(String(error)) && !/the matrix is singular/.test(String(error)),
    );
  });

  it('tells directions from rounding, by the dtype', () => {
    const d = f64([1, 1 + 1e-7]);
    near(solve({}, d, f64([1, 1])).x, [1, 1 / (1 + 1e-7)], 1e-10);
    const [single, right] = [spread, wave([20])].map((t) => tensor(values(t).map((v) => v / 3)));
    const { x, converged } = linearSolve((v: Tensor) => mul(v, single!), right!);
    near(mul(x, single!), right!, 1e-4);
    assert.equal(value(converged), 1);
  });

  it("says that 'cg' needs curvature, where there is none too", () => {
    const a = f64([
      [0, 1],
      [1, 0],
    ]);
    refuses(() => linearSolve(times(a), f64([1, 0]), { method: 'cg' }), RangeError, 'needs a positive definite matrix');
  });

  it('refuses a matvec that is not linear in small units too', () => {
    refuses(() => linearSolve((v: Tensor) => add(v, 1e-8), f64([1e-8, 2e-8])), TypeError, 'expected a linear matvec');
  });
});
