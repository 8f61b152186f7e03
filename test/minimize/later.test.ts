import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  add,
  compile,
  ConvergenceError,
  customVjp,
  dot,
  grad,
  hessian,
  jacobian,
  mul,
  pow,
  scan,
  square,
  stack,
  sub,
  sum,
  tensor,
  vmap,
  zeros,
  type IntTensor,
  type Tensor,
} from 'bigrad';
import { leastSquares, minimize, type Progress } from 'bigrad/optim';
import { near, values } from '../support/close.js';
import { double, f64, tensors, value } from '../support/numbers.js';
import { refuses } from '../support/refuses.js';
import { bowls, quadratic, rosenbrock } from './problems.js';

const tight = { tolerance: 1e-11, linear: { tolerance: 1e-12 } } as const;
/** The third root of c, and its second root. */
const roots = {
  lbfgs: (c: Tensor) => minimize((x: Tensor) => sub(mul(pow(x, 4), 0.25), mul(c, x)), f64(1), tight),
  'newton-cg': (c: Tensor) =>
    minimize((x: Tensor) => sub(mul(pow(x, 4), 0.25), mul(c, x)), f64(1), { ...tight, method: 'newton-cg' }),
  qr: (c: Tensor) => leastSquares((x: Tensor) => sub(square(x), c), f64(1), tight),
  cg: (c: Tensor) => leastSquares((x: Tensor) => sub(square(x), c), f64(1), { ...tight, method: 'cg' }),
};

describe('a search inside compile and vmap', () => {
  for (const method of ['lbfgs', 'newton-cg'] as const)
    it(`finds and tells what it does elsewhere, whatever comes in: ${method}`, () => {
      fc.assert(
        fc.property(bowls(3), tensors([3]), tensors([3]), ({ a }, b, c) => {
          const of = (v: Tensor) => {
            const { x, value: least, report } = minimize(quadratic(a, v), zeros([3], double), { method });
            return [x, least, ...Object.values(report)];
          };
          const planned = compile(of);
          const apart = [of(b), of(c)];
          near([planned(b), planned(c)], apart, 0);
          assert.deepEqual([planned.traces, planned.stats!.ops['minimize']], [1, 1]);
          near(
            vmap(of)(stack([b, c])),
            apart[0]!.map((first, k) => stack([first, apart[1]![k]!])),
            0,
          );
        }),
        { numRuns: 1 },
      );
    });

  for (const [method, root] of Object.entries(roots))
    it(`has derivatives of every order: ${method}`, () => {
      const f = (c: Tensor) => root(c).x;
      const at = [f64(4), f64(9)];
      const slope = grad((c: Tensor) => add(root(c).x, root(c).value));
      for (const g of [f, slope, hessian(f)]) near(compile(g)(at[0]!), g(at[0]!), 1e-9);
      for (const g of [slope, compile(slope)]) near(vmap(g)(stack(at)), stack(at.map(slope)), 1e-9);
    });

  it('is told of the same progress, with trees that can be read', () => {
    const seen: Progress<{ w: Tensor; n: Tensor }>[] = [];
    const x0 = { w: f64([-1.2, 1]), n: tensor(2, { dtype: 'int32' }) };
    const of = (c: Tensor, n: IntTensor) =>
      minimize(
        ({ w }: typeof x0) => add(rosenbrock(w), mul(sum(w), c)),
        { ...x0, n },
        { progress: (p) => seen.push(p) },
      );
    of(f64(0), x0.n);
    const [elsewhere, count] = [[...seen], seen.length];
    const planned = compile((c: Tensor, n: IntTensor) => of(c, n).x);
    near(planned(f64(0), x0.n).w, [1, 1], 1e-6);
    assert.ok(count > 10);
    assert.deepEqual(
      seen.slice(count).map(({ x, ...rest }) => ({ ...rest, w: values(x.w), n: value(x.n) })),
      elsewhere.map(({ x, ...rest }) => ({ ...rest, w: values(x.w), n: value(x.n) })),
    );
  });

  it('may have batches, loops and trees in its function, whose captures have derivatives', () => {
    const rows = f64([
      [1, 2],
      [3, 4],
    ]);
    const apart = (x: Tensor, c: Tensor) => vmap((r: Tensor) => sub(mul(x, r), c))(rows);
    const halved = (x: Tensor) => scan((a: Tensor) => [mul(a, 0.5), null], x, zeros([3]))[0];
    const searches = {
      batch: (c: Tensor) => minimize((x: Tensor) => sum(square(apart(x, c))), zeros([2], double), tight),
      'batch of residuals': (c: Tensor) =>
        leastSquares((x: Tensor) => ({ r: [apart(x, c), c] }), zeros([2], double), tight),
      loop: (c: Tensor) => minimize((x: Tensor) => sum(square(sub(halved(x), c))), zeros([2], double), tight),
    };
    const c = f64([1, 2]);
    for (const search of Object.values(searches)) {
      const slope = grad((v: Tensor) => sum(square(search(v).x)));
      near([compile(slope)(c), vmap(slope)(stack([c]))], [slope(c), slope(c)], 1e-8);
      near(jacobian(jacobian((v: Tensor) => search(v).x))(c), zeros([2, 2, 2], double), 1e-6);
    }
  });

  it('searches where a hidden number is in the value or the gradient only, and says when there is none', () => {
    const f = (c: Tensor, options: object = {}) =>
      minimize((x: Tensor) => add(sum(square(sub(x, 1))), c), f64([0, 3]), options);
    const [x, least] = compile((c: Tensor) => [f(c).x, f(c).value])(f64(5)) as [Tensor, Tensor];
    near([x, least], [1, 1, 5], 1e-6);
    // Here only the gradient depends on it.
    const own = (c: Tensor) =>
      customVjp(
        (v: Tensor) => sum(square(v)),
        (g, v) => mul(mul(g, v), c),
      );
    near(compile((c: Tensor) => minimize(own(c), f64([2, 3])).x)(f64(2)), [0, 0], 1e-6);
    const short = compile(
      (c: Tensor) => minimize((v: Tensor) => sum(square(sub(v, c))), f64([0, 3]), { maxSteps: 1, tolerance: 1e-300 }).x,
    );
    refuses(() => short(f64(0.3)), RangeError, 'minimize: expected a gradient of norm');
  });

  it('leaves donated arguments as they are where it fails', () => {
    // State of float32 that a plan has made stays in its memory, where results may take its place.
    const step = compile(
      (s: Tensor, c: Tensor) => {
        const next = add(s, 1);
        return [next, minimize((x: Tensor) => sum(square(sub(x, add(c, next)))), zeros([2])).x];
      },
      { donate: [0] },
    );
    let state = zeros([2]);
    for (let i = 0; i < 2; i++) [state] = step(state, tensor([1, 2])) as [Tensor, Tensor];
    refuses(() => step(state, tensor([NaN, 2])), RangeError, 'minimize: expected f to be finite');
    near(state, [2, 2], 0);
    near(
      step(state, tensor([1, 2])),
      [
        [3, 3],
        [4, 5],
      ],
      1e-4,
    );
  });

  it('may call the function that it stands in while it is told of progress', () => {
    let asked = false;
    const inner: Tensor[] = [];
    const step: (c: Tensor) => Tensor = compile((c: Tensor) => {
      const progress = () => {
        if (asked) return;
        asked = true;
        inner.push(step(f64([100, 100])));
      };
      return add(mul(c, 10), minimize((x: Tensor) => sum(square(sub(x, c))), zeros([2], double), { progress }).x);
    });
    near(step(f64([1, 2])), [11, 22], 1e-6);
    near(inner, [[1100, 1100]], 1e-4);
  });

  it('says at run time that it did not converge', () => {
    const few = (failure: 'error' | 'nan' | 'report') =>
      compile((c: Tensor) => {
        const { x, report } = minimize((w: Tensor) => add(rosenbrock(w), mul(sum(w), c)), f64([-1.2, 1]), {
          maxSteps: 2,
          failure,
        });
        return [x, report.converged, report.steps];
      });
    const failing = few('error');
    assert.throws(
      () => failing(f64(0)),
      (error) =>
        error instanceof ConvergenceError && error.steps === 2 && error.message.startsWith('minimize: expected'),
    );
    assert.equal(failing.traces, 1);
    const [lost, last] = [few('nan')(f64(0)), few('report')(f64(0))];
    assert.deepEqual(lost.map(values), [[NaN, NaN], [0], [2]]);
    near(last[0], minimize(rosenbrock, f64([-1.2, 1]), { maxSteps: 2, failure: 'report' }).x, 1e-12);
  });

  it('refuses to tell numbers that are not there yet, and what is wrong at x0 when it runs', () => {
    const of = (c: Tensor) => minimize((x: Tensor) => sum(square(sub(x, c))), zeros([2], double));
    for (const name of ['steps', 'converged', 'reason'] as const)
      refuses(
        () => compile((c: Tensor) => [of(c).x, String(of(c)[name])])(f64([1, 2])),
        TypeError,
        `minimize: expected ${name} to be read where values can be looked at`,
        'take what is in report',
      );
    refuses(() => compile(of)(f64([1, 2])), TypeError, 'compile: expected a tree', 'minimize: expected gradientNorm');
    refuses(
      () => compile((c: Tensor) => of(c).x)(f64([NaN, 2])),
      RangeError,
      'minimize: expected f to be finite at x0',
    );
    const batch = f64([
      [1, 2],
      [NaN, 2],
    ]);
    refuses(() => vmap((c: Tensor) => of(c).x)(batch), RangeError, 'to be finite at x0', 'in example 1 of vmap');
    const looks = (c: Tensor) =>
      minimize((x: Tensor) => mul(sum(square(x)), sum(mul(x, c)).item()), zeros([2], double)).x;
    refuses(() => compile(looks)(f64([1, 2])), TypeError, 'expected a function that does not look at values');
  });

  it('is NaN on request where f is not finite at x0', () => {
    const searches = (c: Tensor) => [
      ...(['lbfgs', 'newton-cg'] as const).map((method) =>
        minimize((x: Tensor) => sum(sub(x, c)), zeros([2], double), { method, failure: 'nan' }),
      ),
      ...(['qr', 'cg'] as const).map((method) =>
        leastSquares((x: Tensor) => sub(x, c), zeros([2], double), { method, failure: 'nan' }),
      ),
    ];
    for (const { x, reason, evaluations } of searches(f64([NaN, 2])))
      assert.deepEqual([values(x), reason, evaluations], [[NaN, NaN], 'no descent', 1]);
    const planned = compile((c: Tensor) => {
      const { x, report } = minimize((v: Tensor) => sum(sub(v, c)), zeros([2], double), { failure: 'nan' });
      return [x, report.converged];
    });
    assert.deepEqual(planned(f64([NaN, 2])).map(values), [[NaN, NaN], [0]]);
  });

  it('stands in loops, and in the objective of another search', () => {
    const half = (c: Tensor) => minimize((x: Tensor) => sum(square(sub(mul(x, 2), c))), zeros([2], double)).x;
    const thrice = (c: Tensor) => scan((x: Tensor) => [half(x), null], c, zeros([3]))[0];
    near(compile(thrice)(f64([8, 16])), [1, 2], 1e-6);
    const outer = (c: Tensor) => minimize((y: Tensor) => sum(square(sub(half(y), c))), zeros([2], double)).x;
    near(
      [outer(f64([1, 2])), compile(outer)(f64([1, 2]))],
      [
        [2, 4],
        [2, 4],
      ],
      1e-5,
    );
    near(compile(grad((c: Tensor) => dot(outer(c), c)))(f64([1, 2])), [4, 8], 1e-4);
  });
});
