import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  add,
  compile,
  customFixedPoint,
  customRoot,
  exp,
  expandDims,
  eye,
  fixedPoint,
  grad,
  hvp,
  jacobian,
  linearSolve,
  log,
  logSumExp,
  matmul,
  mean,
  mul,
  reciprocal,
  softplus,
  square,
  sub,
  sum,
  tanh,
  tensor,
  transpose,
  vjp,
  vmap,
  zeros,
  zerosLike,
  type Tensor,
} from 'bigrad';
import { softThreshold } from 'bigrad/optim';
import { checkGrads } from 'bigrad/testing';
import { near, values } from '../support/close.js';
import { double, f64, tensors, value, wave } from '../support/numbers.js';
import { times } from './matrices.js';

const tight = { tolerance: 1e-12, linear: { tolerance: 1e-13, maxSteps: 300 } };
const half = (x: Tensor): Tensor => mul(sum(square(x)), 0.5);
/** x <- x - H^-1 g until it stands still: solvers are never differentiated. */
const newton =
  (loss: (w: Tensor, lambda: Tensor) => Tensor) =>
  (lambda: Tensor): { x: Tensor; steps: number } => {
    let x = zeros([2], double);
    for (let k = 0; k < 5; k++) {
      const g = grad((w: Tensor) => loss(w, lambda))(x);
      x = sub(x, linearSolve((v: Tensor) => hvp((w: Tensor) => loss(w, lambda), x, v), g, { method: 'cg' }).x);
    }
    return { x, steps: 5 };
  };

describe('customRoot', () => {
  const [data, targets] = [wave([5, 2]), wave([5], 3)];
  const losses = {
    ridge: (w: Tensor, lambda: Tensor) => add(half(sub(times(data)(w), targets)), mul(lambda, half(w))),
    logistic: (w: Tensor, lambda: Tensor) => {
      const margins = mul(times(data)(w), mul(targets, 2));
      return add(mean(softplus(margins)), mul(lambda, half(w)));
    },
  };

  it('differentiates ridge regression as its closed form', () => {
    const solve = customRoot(
      (w: Tensor, r: Tensor) => grad((v: Tensor) => losses.ridge(v, r))(w),
      newton(losses.ridge),
      tight,
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), (k) => {
        const r = f64(k / 8);
        const closed = (s: Tensor): Tensor => {
          const gram = add(matmul(transpose(data), data), mul(eye(2, double), s));
          return linearSolve(times(gram), times(transpose(data))(targets), { method: 'dense' }).x;
        };
        near(solve(r).x, closed(r), 1e-10);
        const slope = (f: (s: Tensor) => Tensor) => [grad(f)(r), grad(grad(f))(r)];
        near(
          slope((s) => sum(solve(s).x)),
          slope((s) => sum(closed(s))),
          1e-8,
        );
      }),
      { numRuns: 2 },
    );
  });

  for (const [name, loss] of Object.entries(losses))
    for (const method of name === 'ridge' ? (['gmres'] as const) : (['cg'] as const))
      it(`has right derivatives of three orders: ${name} regression, by ${method}`, () => {
        const optimality = (w: Tensor, lambda: Tensor) => grad((v: Tensor) => loss(v, lambda))(w);
        const linear = { ...tight.linear, method };
        checkGrads(
          (lambda: Tensor) => customRoot(optimality, newton(loss), { ...tight, linear })(lambda).x,
          [f64(0.7)],
          {
            order: 3,
          },
        );
      });

  it('differentiates what optimality captures, and gives residual, steps and convergence', () => {
    // x^2 = c, with dx/dc = 1 / (2 x).
    const root = (c: Tensor) =>
      customRoot(
        (x: Tensor) => sub(square(x), c),
        () => ({ x: f64(3), steps: 4 }),
      )();
    near(grad((c: Tensor) => root(c).x)(f64(9)), 1 / 6, 1e-9);
    near(grad(grad((c: Tensor) => root(c).x))(f64(9)), -1 / (4 * 27), 1e-9);
    const { residual, steps, converged } = root(f64(9));
    assert.deepEqual([residual, steps, converged].map(value), [0, 4, 1]);
  });

  it('takes a residual for 0 that is small for the dtype', () => {
    const converged = (x: Tensor, residual: number): number => {
      const optimality = (v: Tensor) => add(mul(v, 0), residual);
      return value(customRoot(optimality, () => ({ x }), { failure: 'report' })().converged);
    };
    assert.deepEqual(
      [5e-7, 5e-6].map((r) => converged(f64(0), r)),
      [1, 0],
    );
    assert.deepEqual(
      [5e-6, 5e-5, 5e-4].map((r) => converged(tensor(0), r)),
      [1, 1, 0],
    );
    // Relative to 1 + |x|.
    assert.deepEqual([converged(f64(9), 5e-6), converged(f64(9), 5e-5)], [1, 0]);
  });

  it('has a cotangent for each of a batch that optimality makes of one x', () => {
    // x a = v, so that dx/dv = 1 / a for each a.
    const root = (a: Tensor, v: Tensor) =>
      customRoot(
        (x: Tensor) => sub(mul(x, a), v),
        () => ({ x: f64([0, 0]) }),
        { failure: 'report' },
      )().x;
    const rows = f64([[1, 2], [4, 5]]); // prettier-ignore
    const slope = grad((v: Tensor) => sum(vmap((a: Tensor) => root(a, v))(rows)))(f64([3, 3]));
    near(slope, [1 + 1 / 4, 1 / 2 + 1 / 5], 1e-9);
  });

  it('takes trees, and runs inside compile', () => {
    // a x = p and y - x = q, so y = p / a + q.
    const solve = customRoot(
      ({ x, y }: { x: Tensor; y: Tensor }, s: { a: Tensor; p: Tensor; q: Tensor }) => ({
        x: sub(mul(s.a, x), s.p),
        y: sub(sub(y, x), s.q),
      }),
      ({ a, p, q }) => ({ x: { x: mul(p, reciprocal(a)), y: add(mul(p, reciprocal(a)), q) } }),
    );
    const s = { a: f64(4), p: f64(2), q: f64(3) };
    const f = grad((v: typeof s) => solve(v).x.y);
    near(f(s), [-2 / 16, 1 / 4, 1], 1e-9);
    near(compile(f)(s), [-2 / 16, 1 / 4, 1], 1e-9);
  });
});

describe('customFixedPoint', () => {
  it('is customRoot of x - step(x), and differentiates the lasso away from its kinks', () => {
    // Active coefficients solve a linear system; the others stay 0.
    const [a, rate] = [add(mul(wave([3, 3]), 0.2), eye(3, double)), 0.7];
    const step = (x: Tensor, b: Tensor, lambda: Tensor): Tensor =>
      softThreshold(sub(x, mul(times(transpose(a))(sub(times(a)(x), b)), rate)), mul(lambda, rate));
    const lasso = customFixedPoint(
      step,
      (b, lambda) => {
        let x = zeros([3], double);
        for (let k = 0; k < 100; k++) x = step(x, b, lambda);
        return { x };
      },
      tight,
    );
    const [b, lambda] = [f64([2, -1, 0.1]), f64(0.5)];
    const zero = values(lasso(b, lambda).x).map((v) => v === 0);
    assert.deepEqual(zero.filter((z) => z).length, 1, String(lasso(b, lambda).x));
    checkGrads((c: Tensor, l: Tensor) => lasso(c, l).x, [b, lambda], { elements: 0 });
  });

  it('differentiates optimal transport by the steps of Sinkhorn', () => {
    const [eps, n] = [0.6, 3];
    const [p, q] = [f64([0.2, 0.3, 0.5]), f64([0.4, 0.4, 0.2])];
    const other = (f: Tensor, c: Tensor): Tensor =>
      mul(sub(log(q), logSumExp(mul(sub(expandDims(f, 1), c), 1 / eps), 0)), eps);
    const step = (f: Tensor, c: Tensor): Tensor => {
      const next = mul(sub(log(p), logSumExp(mul(sub(other(f, c), c), 1 / eps), 1)), eps);
      return sub(next, mean(next)); // the potentials are known up to a constant
    };
    const plan = (c: Tensor): Tensor => {
      const f = fixedPoint((v: Tensor) => step(v, c), zeros([n], double), { ...tight, maxSteps: 400 }).x;
      return exp(mul(sub(add(expandDims(f, 1), other(f, c)), c), 1 / eps));
    };
    const cost = square(wave([n, n]));
    near(sum(plan(cost), 0), q, 1e-10);
    near(sum(plan(cost), 1), p, 1e-10);
    checkGrads(plan, [cost], { order: 3, elements: 0 });
  });
});

describe('fixedPoint', () => {
  const layer = (w: Tensor, u: Tensor) => (z: Tensor) => tanh(add(times(w)(z), u));

  it('is a layer of a deep-equilibrium network: the derivative of its implicit equation', () => {
    fc.assert(
      fc.property(
        tensors(
          [3, 3],
          fc.integer({ min: -6, max: 6 }).map((k) => k / 24),
        ),
        tensors([3]),
        tensors([3]),
        (w, u, g) => {
          const [z, pull] = vjp((v: Tensor) => fixedPoint(layer(w, v), zerosLike(v), tight).x, u);
          near(layer(w, u)(z), z, 1e-10);
          // lambda = (I - D W)^-T g with D = 1 - z^2, and du = D lambda.
          const d = sub(1, square(z));
          const du = pull(g);
          const lambda = mul(du, f64(values(d).map((v) => 1 / v)));
          near(sub(lambda, times(transpose(w))(mul(d, lambda))), g, 1e-9);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('has right derivatives of three orders, inside compile too', () => {
    const [w, u] = [
      f64([
        [0.3, -0.2],
        [0.1, 0.4],
      ]),
      f64([0.5, -1]),
    ];
    const f = (a: Tensor, b: Tensor): Tensor => fixedPoint(layer(a, b), zerosLike(b), { ...tight, maxSteps: 60 }).x;
    checkGrads(f, [w, u], { order: 3, elements: 0 });
    const g = (a: Tensor, b: Tensor) => grad((c: Tensor) => sum(square(f(c, b))))(a);
    near(compile(g)(w, u), g(w, u), 1e-10);
  });

  it('has derivatives of its Jacobian', () => {
    // x = x / 2 + c^2 is 2 c^2, of Jacobian 4 c.
    const f = (c: Tensor) => fixedPoint((x: Tensor) => add(mul(x, 0.5), square(c)), zeros([2], double), tight).x;
    near(grad((c: Tensor) => sum(square(jacobian(f)(c))))(f64([1, 2])), [32, 64], 1e-6);
  });

  it('asks for no more than it needs, in float32 too', () => {
    for (const start of [f64(8), tensor(8)]) {
      let calls = 0;
      const step = (v: Tensor) => (calls++, add(mul(v, 0.5), 1));
      const [found, close] = [fixedPoint(step, start), fixedPoint(step, start, { tolerance: 1e-6 })];
      near(found.x, 2, start.dtype === 'float64' ? 1e-5 : 1e-3);
      assert.ok(
        start.dtype === 'float64' ? value(found.steps) === value(close.steps) : value(found.steps) < value(close.steps),
      );
      // Once more each to see that it has converged, and for its residual.
      assert.equal(calls, value(found.steps) + value(close.steps) + 4);
    }
  });

  it('counts its steps, and has no derivative in where it begins', () => {
    const { x, steps, residual, converged } = fixedPoint((v: Tensor) => mul(v, 0.5), f64([8]), { tolerance: 1e-3 });
    near(x, [8 / 2 ** value(steps)], 0);
    near(residual, value(x) / 2, 1e-12);
    assert.equal(value(converged), 1);
    near(grad((v: Tensor) => sum(fixedPoint((z: Tensor) => add(mul(z, 0.5), 1), v).x))(f64([3])), [0], 0);
  });
});
