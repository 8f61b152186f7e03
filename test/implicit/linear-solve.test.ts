import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  add,
  checkpoint,
  hessian,
  jacobian,
  jvp,
  compile,
  dot,
  eye,
  grad,
  hvp,
  linearSolve,
  matmul,
  mul,
  reshape,
  sub,
  sum,
  square,
  tensor,
  transpose,
  vjp,
  zeros,
  type LinearMethod,
  type Tensor,
} from 'bigrad';
import { checkGrads } from 'bigrad/testing';
import { near, values } from '../support/close.js';
import { double, f64, value } from '../support/numbers.js';
import { positive, systems, times } from './matrices.js';

const methods: readonly LinearMethod[] = ['cg', 'gmres', 'neumann', 'dense'];
const exact = { tolerance: 1e-13, maxSteps: 300 };
/** What each method can solve: cg wants symmetric matrices. */
const matrixFor = (method: LinearMethod) => (l: Tensor) =>
  method === 'cg' ? positive(l) : add(l, eye(l.shape[0]!, double));

describe('linearSolve', () => {
  for (const method of methods) {
    const matrix = matrixFor(method);
    it(`solves A x = b by ${method}, and says so`, () => {
      fc.assert(
        fc.property(systems(4), ({ l, b }) => {
          const { x, residual, converged, steps } = linearSolve(times(matrix(l)), b, { ...exact, method });
          near(times(matrix(l))(x), b, 1e-11);
          assert.equal(value(converged), 1);
          near(residual, Math.hypot(...values(sub(times(matrix(l))(x), b))), 1e-12);
          assert.ok(value(steps) <= 300);
        }),
        { numRuns: 30 },
      );
    });

    it(`gives g -> A^-T g in b, and -A^-T g x' in A, by ${method}`, () => {
      fc.assert(
        fc.property(systems(3), ({ l, b, g }) => {
          const a = matrix(l);
          const [x, pull] = vjp((s: { a: Tensor; b: Tensor }) => linearSolve(times(s.a), s.b, { ...exact, method }).x, {
            a,
            b,
          });
          const d = pull(g);
          near(times(transpose(a))(d.b), g, 1e-10);
          near(d.a, mul(matmul(reshape(d.b, [-1, 1]), reshape(x, [1, -1])), -1), 1e-10);
        }),
        { numRuns: 20 },
      );
    });

    it(`has right derivatives of three orders by ${method}, inside compile too`, () => {
      const [l, b] = [
        f64([
          [0.3, 0.2],
          [-0.4, 0.1],
        ]),
        f64([1, -0.5]),
      ];
      const solve = (m: Tensor, c: Tensor) => linearSolve(times(matrix(m)), c, { ...exact, maxSteps: 60, method }).x;
      checkGrads(solve, [l, b], { order: 3, elements: 0 });
      checkGrads(solve, [l, b], { order: 2 });
      const product = (m: Tensor, c: Tensor) => hvp((v: Tensor) => sum(square(solve(v, c))), m, m);
      near(compile(product)(l, b), product(l, b), 1e-10);
    });
  }

  it('takes trees, whose other leaves stay', () => {
    const b = { w: f64([[1, 2]]), name: 'layer', n: tensor([7], { dtype: 'int32' }), rest: [f64(3)] };
    const { x } = linearSolve((v) => ({ ...v, w: mul(v.w, 2), rest: [mul(v.rest[0]!, 4)] }), b);
    near([x.w, x.rest], [0.5, 1, 0.75], 1e-9);
    assert.deepEqual([x.name, values(x.n)], ['layer', [7]]);
  });

  it('adds a ridge, which may be differentiated', () => {
    // (2 + r) x = 3, so dx/dr = -3 / (2 + r)^2.
    const x = (ridge: Tensor) => sum(linearSolve((v: Tensor) => mul(v, 2), f64([3]), { ...exact, ridge }).x);
    near([x(f64(0.5)), grad(x)(f64(0.5)), grad(grad(x))(f64(0.5))], [1.2, -3 / 2.5 ** 2, 6 / 2.5 ** 3], 1e-9);
    near(linearSolve((v: Tensor) => mul(v, 2), f64([3]), { ridge: 1 }).x, [1], 1e-9);
  });

  it('takes fewer steps with a preconditioner, to the same solution and derivatives', () => {
    const n = 12;
    const scale = f64(Array.from({ length: n }, (_, i) => 10 ** (i / 3)));
    const b = f64(Array.from({ length: n }, (_, i) => Math.cos(i)));
    for (const method of ['cg', 'gmres', 'neumann'] as const) {
      const solve = (more: object) => (s: Tensor) =>
        linearSolve((v: Tensor) => add(mul(v, s), mul(sum(v), 0.01)), b, { ...exact, method, ...more });
      const inverse = { preconditioner: (r: Tensor) => mul(r, f64(values(scale).map((s) => 1 / s))) };
      const plain = solve({ method: 'gmres' })(scale);
      const fast = solve(inverse)(scale);
      assert.ok(value(fast.steps) < value(plain.steps), `${method}: ${fast.steps} and ${plain.steps}`);
      near(fast.x, plain.x, 1e-10);
      const slope = (more: object) => grad((s: Tensor) => dot(solve(more)(s).x, b))(scale);
      near(slope(inverse), slope({ method: 'gmres' }), 1e-10);
    }
  });

  it('solves what gmres stands still on: a rotation by a right angle', () => {
    const a = f64([
      [0, -1],
      [1, 0],
    ]);
    near(linearSolve(times(a), f64([3, 5])).x, [5, -3], 1e-12);
  });

  it('begins gmres again after `restart` steps, and cg with the true residual', () => {
    const n = 20;
    const d = f64(Array.from({ length: n }, (_, i) => 1 + i));
    const b = f64(Array.from({ length: n }, () => 1));
    for (const options of [{ method: 'gmres', restart: 5, maxSteps: 500 }, { method: 'cg' }] as const)
      near(
        linearSolve((v: Tensor) => mul(v, d), b, options).x,
        values(d).map((v) => 1 / v),
        1e-9,
      );
  });

  it('is differentiated inside checkpoint and other transforms, with what matvec captures', () => {
    const [d, b] = [f64([2, 3]), f64([1, 1])];
    const f = (v: Tensor) => linearSolve((u: Tensor) => mul(u, v), b, exact).x; // b / v
    near(jacobian(f)(d), [-1 / 4, 0, 0, -1 / 9], 1e-10);
    near(jvp(f, d, f64([1, 2]))[1], [-1 / 4, -2 / 9], 1e-10);
    near(grad((v: Tensor) => sum(checkpoint(f)(v)))(d), [-1 / 4, -1 / 9], 1e-10);
    near(hessian((v: Tensor) => sum(checkpoint(f)(v)))(d), [2 / 8, 0, 0, 2 / 27], 1e-10);
    // Of an inner gradient, by a variable of the outer one alone: d/dv (1/v^2) = -2/v^3.
    const slope = (v: Tensor) =>
      grad((c: Tensor) => sum(linearSolve((u: Tensor) => mul(u, v), mul(c, f(v)), exact).x))(b);
    near(grad((v: Tensor) => sum(slope(v)))(d), [-2 / 8, -2 / 27], 1e-10);
  });

  it('has derivatives of its Jacobian, by methods that transpose the matrix too', () => {
    // x = 1 / c^2 has the Jacobian diag(-2 / c^3).
    const c = f64([1, 2]);
    for (const method of ['gmres', 'dense', 'cg'] as const) {
      const f = (v: Tensor) => linearSolve((u: Tensor) => mul(u, square(v)), f64([1, 1]), { method, maxSteps: 4 }).x;
      const squares = (v: Tensor) => sum(square(jacobian(f)(v)));
      for (const g of [grad(squares), compile(grad(squares))]) near(g(c), [-24, -24 / 128], 1e-9);
      near(jacobian(jacobian(f))(c), [6, 0, 0, 0, 0, 0, 0, 6 / 16], 1e-9);
    }
  });

  it('keeps no history', () => {
    const d = f64([2, 3]);
    const { x, residual } = linearSolve((v: Tensor) => mul(v, d), d);
    assert.deepEqual([x.node, residual.node], [null, null]);
    assert.equal(grad((v: Tensor) => sum(linearSolve((u: Tensor) => mul(u, v), d).x))(d).node, null);
  });

  it('solves in float32', () => {
    const { x, converged } = linearSolve((v: Tensor) => mul(v, 4), tensor([1, 2]), { method: 'cg' });
    near(x, [0.25, 0.5], 1e-6);
    assert.deepEqual([x.dtype, value(converged)], ['float32', 1]);
  });

  it('gives zeros for zeros, with the derivatives that they have', () => {
    const f = (b: Tensor) => linearSolve((v: Tensor) => mul(v, 2), b, { method: 'cg' }).x;
    near(f(zeros([2], double)), [0, 0], 0);
    near(grad((b: Tensor) => sum(f(b)))(zeros([2], double)), [0.5, 0.5], 1e-9);
  });

  it('makes a plan of as many steps as it may take, and counts those that it took', () => {
    const f = compile((d: Tensor, b: Tensor) =>
      linearSolve((v: Tensor) => mul(v, d), b, { method: 'cg', maxSteps: 9 }),
    );
    const { x, steps, converged } = f(f64([1, 2, 2]), f64([1, 1, 1]));
    near(x, [1, 0.5, 0.5], 1e-12);
    assert.deepEqual([value(steps), value(converged)], [2, 1]);
    assert.ok(f.stats!.steps > 9);
  });
});
