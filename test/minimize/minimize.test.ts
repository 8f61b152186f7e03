import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import {
  add,
  cast,
  compile,
  log,
  maximum,
  mean,
  mul,
  neg,
  reshape,
  softplus,
  solve,
  square,
  stopGradient,
  sub,
  sum,
  tensor,
  zeros,
  type Tensor,
} from 'bigrad';
import { minimize, type MinimizeOptions } from 'bigrad/optim';
import { times } from '../implicit/matrices.js';
import { near } from '../support/close.js';
import { double, f64, wave } from '../support/numbers.js';
import { reachableNodes } from '../support/reachable.js';
import { beale, bowls, powell, quadratic, rosenbrock, steep } from './problems.js';

const methods = ['lbfgs', 'newton-cg'] as const;
const squares = (rs: readonly Tensor[]): Tensor => rs.map(square).reduce((a, b) => add(a, b));

describe('minimize', () => {
  it('finds the minimum of a convex quadratic, the solution of its linear system', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }).chain((n) => bowls(n)),
        fc.constantFrom(...methods),
        ({ a, b }, method) => {
          const { x, converged, reason } = minimize(quadratic(a, b), zeros(b.shape, double), { method });
          near(x, solve(a, b), 1e-5);
          assert.deepEqual([converged, reason], [true, 'gradient']);
        },
      ),
      { numRuns: 5 },
    );
  });

  it('does so in float32', () => {
    for (const method of methods) {
      const c = tensor([1, -2, 3]);
      const { x, gradientNorm } = minimize((v) => sum(square(sub(v, c))), zeros([3]), { method });
      near(x, c, 1e-4);
      assert.equal(x.dtype, 'float32');
      assert.ok(gradientNorm <= 1e-4);
    }
  });

  it('keeps the structure of its tree, and what is no tensor of floats', () => {
    const x0 = { w: f64([1, 2]), rest: [f64([[3]]), tensor(5, { dtype: 'int32' })], name: 'net' };
    for (const method of methods) {
      const { x } = minimize(
        ({ w, rest, name }) => {
          assert.equal(name, 'net');
          return add(sum(square(sub(w, 1))), sum(square(sub(rest[0]!, cast(rest[1]!, 'float64')))));
        },
        x0,
        { method },
      );
      near([x.w, x.rest[0]!], [1, 1, 5], 1e-6);
      assert.deepEqual([x.w.shape, x.rest[0]!.shape, x.rest[1], x.name], [[2], [1, 1], x0.rest[1], 'net']);
    }
  });

  const valley = Array.from({ length: 10 }, (_, i) => (i % 2 ? 1 : -1.2));
  const published: Record<string, [f: (x: Tensor) => Tensor, x0: number[], x: number[], tolerance: number]> = {
    'of Rosenbrock in 2 dimensions': [rosenbrock, [-1.2, 1], [1, 1], 1e-5],
    'of Rosenbrock in 10 dimensions': [rosenbrock, valley, valley.map(() => 1), 1e-5],
    'of Beale': [beale, [1, 1], [3, 0.5], 1e-5],
    // The Hessian is singular there: small gradients say less of x.
    'of Powell': [(x) => squares(powell(x)), [3, -1, 0, 1], [0, 0, 0, 0], 1e-2],
  };
  for (const [name, [f, x0, x, tolerance]] of Object.entries(published))
    it(`finds the minimum ${name}`, () => {
      const large = x0.length === 10; // plans take less time there, and one method is enough
      for (const method of large ? (['lbfgs'] as const) : methods) {
        const found = minimize(f, f64(x0), { method, compile: large });
        near(found.x, x, tolerance);
        near(found.value, 0, 1e-8);
      }
    });

  it('fits a logistic regression as Newton steps in PyTorch do', () => {
    const row = JSON.parse(
      gunzipSync(readFileSync(new URL('../oracle/minimize.json.gz', import.meta.url))).toString(),
    ) as { x: number[]; y: number[]; ridge: number; w: number[]; value: number };
    const x = reshape(f64(row.x), [-1, row.w.length]);
    const sign = f64(row.y);
    const loss = (w: Tensor): Tensor =>
      add(mean(softplus(neg(mul(times(x)(w), sign)))), mul(sum(square(w)), row.ridge / 2));
    for (const method of methods) {
      const found = minimize(loss, zeros([row.w.length], double), { method, tolerance: 1e-9 });
      near(found.x, row.w, 1e-8);
      near(found.value, row.value, 1e-12);
    }
  });

  it('does the same with a compiled function, and with its option compile', () => {
    const plain = (x: Tensor): Tensor => add(steep(x), square(sum(x)));
    for (const method of methods) {
      const [start, options] = [f64([1, 1]), { method }];
      const expected = minimize(plain, start, options);
      for (const other of [
        minimize(compile(plain), start, options),
        minimize(plain, start, { ...options, compile: true }),
      ]) {
        near(other.x, expected.x, 1e-8);
        assert.equal(other.reason, 'gradient');
      }
    }
  });

  it('tells of every step, never goes up, and counts what it asks for', () => {
    for (const method of methods) {
      let calls = 0;
      const told: number[] = [];
      let before = Infinity;
      const options: MinimizeOptions<Tensor> = {
        method,
        progress: ({ step, x, value: v, gradientNorm, evaluations }) => {
          told.push(step);
          near(v, beale(x), 1e-12);
          assert.ok(v <= before && gradientNorm > 0 && evaluations > step);
          before = v;
        },
      };
      const counted = (x: Tensor): Tensor => (calls++, beale(x));
      const { steps, evaluations, products } = minimize(counted, f64([1, 1]), options);
      assert.deepEqual(
        told,
        Array.from({ length: steps }, (_, i) => i + 1),
      );
      // The last call is that of the value; Newton linearizes once for each step.
      assert.equal(calls, evaluations + 1 + (method === 'lbfgs' ? 0 : steps));
      assert.equal(products > 0, method === 'newton-cg');
    }
  });

  it('ends at once where the gradient is small, and holds no history', () => {
    for (const method of methods) {
      const { steps, evaluations, reason } = minimize((x) => sum(square(x)), f64([0, 0]), { method });
      assert.deepEqual([steps, evaluations, reason], [0, 1, 'gradient']);
      const seen: unknown[] = [];
      seen.push(minimize(steep, f64([1, 2]), { method, progress: (p) => seen.push(p) }));
      assert.equal(reachableNodes(...seen), 0);
    }
  });

  it('knows functions without a minimum, and steps that lead nowhere', () => {
    const reasonOf = (f: (x: Tensor) => Tensor, method: (typeof methods)[number]) =>
      minimize(f, f64([0.3]), { method, failure: 'report' }).reason;
    for (const method of methods)
      assert.equal(
        reasonOf((x) => neg(sum(square(x))), method),
        'unbounded',
      );
    assert.equal(
      reasonOf((x) => sum(maximum(neg(x), mul(x, 2))), 'lbfgs'),
      'no descent',
    );
  });

  it('comes back from where f is no number', () => {
    for (const options of [{ method: 'newton-cg', radius: 99 }, { method: 'lbfgs' }] as const) {
      let below = 0;
      // 5 x - log x has its minimum at 1/5. Long steps from 1.5 lead below 0.
      const barrier = (x: Tensor): Tensor => {
        if (stopGradient(x).item() < 0) below++;
        return sub(mul(x, 5), log(x));
      };
      near(minimize(barrier, f64(1.5), options).x, 0.2, 1e-5);
      assert.ok(below > 0);
    }
  });

  it('has no trouble with units that are small or large', () => {
    for (const unit of [1e-6, 1e6])
      for (const method of methods) {
        const c = f64([unit, -2 * unit]);
        const bowl = (x: Tensor): Tensor => sum(square(mul(sub(x, c), 1 / unit)));
        const { x } = minimize(bowl, zeros([2], double), { method, tolerance: 1e-6 / unit });
        near(mul(x, 1 / unit), [1, -2], 1e-5);
      }
  });

  it('works where there is nothing between the values of the dtype', () => {
    const { x } = minimize((v) => sum(square(sub(v, wave([2])))), wave([2], 1), {
      tolerance: 1e-15,
      failure: 'report',
    });
    near(x, wave([2]), 1e-12);
  });
});
