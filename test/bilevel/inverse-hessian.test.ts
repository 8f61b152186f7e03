import assert from 'node:assert/strict';
import fc from 'fast-check';
import { compile, grad, hessian, mixedProduct, mul, square, sub, sum, tensor, type Tensor } from 'bigrad';
import { hypergradient, type Mode } from 'bigrad/bilevel';
import { sgd } from 'bigrad/optim';
import { checkGrads } from 'bigrad/testing';
import { near, values } from '../support/close.js';
import { f64, list, value } from '../support/numbers.js';
import { refuses } from '../support/refuses.js';
import { identity, inverse, plus, product, times, transposed } from './hypergradient/matrix.js';
import { batches, lower, problems, upper, type Batch, type Ms, type Theta } from './hypergradient/small-problem.js';

// l = sum d (theta - ms)^2 / 2 and u = sum (theta - mt)^2 / 2: H is d on the diagonal, and the
// minimum of l is ms. So the hypergradient at the minimum is ms - mt.
const half = (x: Tensor): Tensor => mul(sum(square(x)), 0.5);
const d = f64([1, 2, 4]);
const quadratic = {
  lower: (theta: Tensor, ms: Tensor, _: null) => [mul(sum(mul(d, square(sub(theta, ms)))), 0.5), null] as const,
  upper: (theta: Tensor, { mt }: { ms: Tensor; mt: Tensor }, _: null) => [half(sub(theta, mt)), null] as const,
  learningRate: 0.2,
};
const solve = (mode: Mode, p: number, [theta, ms, mt]: readonly number[][]) =>
  hypergradient({ ...quadratic, mode })(
    f64(theta!),
    { ms: f64(ms!), mt: f64(mt!) },
    { lower: new Array<null>(p).fill(null), upper: null },
  );
const points = fc.tuple(list(3), list(3), list(3));
const solvers = ['cg', 'gmres', 'neumann', 'dense'] as const;
const exactly = { tolerance: 1e-12, maxSteps: 500, scale: 0.4 };

describe('implicit modes of hypergradient', () => {
  for (const method of solvers)
    it(`give d u/d theta of a quadratic at its last weights, by ${method}`, () => {
      fc.assert(
        fc.property(points, (at) => {
          const { dMs, dTheta, stats } = solve({ implicit: { ...exactly, method } }, 2, at);
          near(dMs, dTheta, 1e-10);
          assert.equal(value(stats.solve!.converged!), 1);
          near(stats.norms.mixed, stats.norms.dMs, 1e-10);
        }),
        { numRuns: 4 },
      );
    });

  it('are what exact tends to as p grows, on a strongly convex problem', () => {
    fc.assert(
      fc.property(points, (at) => {
        for (const p of [1, 20, 40]) {
          const [{ dMs: exact }, { dMs, dTheta }] = [solve('exact', p, at), solve({ implicit: exactly }, p, at)];
          // Each step keeps 1 - 0.2 d of a, and so does what exact lacks.
          const lacks = values(dTheta).map((v, i) => v * (1 - 0.2 * values(d)[i]!) ** p);
          near(sub(dMs, exact), lacks, 1e-9);
          assert.ok(p < 40 || Math.hypot(...lacks) < 2e-4 * Math.hypot(...values(dTheta)) + 1e-12);
        }
      }),
      { numRuns: 4 },
    );
  });

  it('take the Hessian and the mixed product of a network, at the last weights and batch', () => {
    fc.assert(
      fc.property(problems, ({ theta, ms, mt }) => {
        const all = batches(2);
        const ridge = 5; // above the least eigenvalue, which is negative
        const run = (mode: Mode) => hypergradient({ lower, upper, learningRate: 0.1, mode })(theta, { ms, mt }, all);
        const { theta: end, dTheta, dMs } = run({ implicit: { ...exactly, method: 'gmres', ridge } });
        const last = all.lower[1]!;
        const a = flatten(dTheta).flatMap(values);
        const x = times(inverse(plus(hessianOf(end, ms, last), identity(a.length), ridge)), a);
        const mixed = mixedProduct((w: Theta, m: Ms) => lower(w, m, last)[0], end, ms, treeLike(end, x));
        const direct = grad((m: Ms) => upper(end, { ms: m, mt }, all.upper)[0])(ms);
        near(dMs.first, sub(direct.first, mixed.first), 1e-8);
      }),
      { numRuns: 4 },
    );
  });

  it('approximate by some columns: exact where the others are zeros, and with the residual that is left', () => {
    const at = [
      [3, 1, 2],
      [1, 1, 1],
      [2, 0, 1],
    ];
    const full = solve({ nystrom: { rank: 3, ridge: 0.5 } }, 1, at);
    const a = values(full.dTheta);
    near(
      full.dMs,
      a.map((v, i) => (v * values(d)[i]!) / (values(d)[i]! + 0.5)),
      1e-10,
    );
    near(full.stats.solve!.residual, 0, 1e-10);
    const two = solve({ nystrom: { rank: 2, ridge: 0.5, seed: 1 } }, 1, at);
    const off = values(two.dMs).map((v, i) => Math.abs(v - values(full.dMs)[i]!) > 1e-6);
    assert.equal(off.filter((x) => x).length, 1, String(two.dMs));
    assert.ok(value(two.stats.solve!.residual) > 0.1);
    assert.equal(value(two.stats.solve!.steps), 2);
  });

  it('approximate by two columns C as (C W^-1 C^T + ridge I)^-1 does, for two columns of the Hessian', () => {
    fc.assert(
      fc.property(problems, fc.integer({ min: 0, max: 99 }), ({ theta, ms, mt }, seed) => {
        const [all, ridge] = [batches(1), 0.7];
        const mode = { nystrom: { rank: 2, ridge, seed } };
        const got = hypergradient({ lower, upper, learningRate: 0.1, mode })(theta, { ms, mt }, all);
        const h = hessianOf(got.theta, ms, all.lower[0]!);
        const a = flatten(got.dTheta).flatMap(values);
        const direct = grad((m: Ms) => upper(got.theta, { ms: m, mt }, all.upper)[0])(ms);
        const by = (i: number, j: number): number[] => {
          const w = [
            [h[i]![i]!, h[i]![j]!],
            [h[j]![i]!, h[j]![j]!],
          ];
          if (Math.abs(w[0]![0]! * w[1]![1]! - w[0]![1]! ** 2) < 1e-6) return [NaN, NaN]; // no inverse
          const c = h.map((row) => [row[i]!, row[j]!]);
          const low = product(c, product(inverse(w), transposed(c)));
          const x = treeLike(got.theta, times(inverse(plus(low, identity(a.length), ridge)), a));
          const mixed = mixedProduct((v: Theta, m: Ms) => lower(v, m, all.lower[0]!)[0], got.theta, ms, x);
          return values(sub(direct.first, mixed.first));
        };
        const pairs = a.flatMap((_, i) => a.slice(0, i).map((__, j) => by(i, j)));
        const found = values(got.dMs.first);
        const errors = pairs.map((dMs) => Math.max(...dMs.map((v, k) => Math.abs(v - found[k]!))));
        fc.pre(!errors.some(Number.isNaN));
        assert.ok(Math.min(...errors) < 1e-7, `${Math.min(...errors)} of ${errors.length}`);
      }),
      { numRuns: 3 },
    );
  });

  it('are what exact tends to by an optimizer with momentum too', () => {
    fc.assert(
      fc.property(points, ([theta, ms, mt]) => {
        const optimizer = sgd({ learningRate: 0.2, momentum: 0.4 });
        const run = (mode: Mode) =>
          hypergradient({ ...quadratic, learningRate: undefined, optimizer, mode })(
            f64(theta),
            { ms: f64(ms), mt: f64(mt) },
            { lower: new Array<null>(40).fill(null), upper: null },
          ).dMs;
        near(run('exact'), run({ implicit: exactly }), 1e-6);
      }),
      { numRuns: 3 },
    );
  });

  it('can be differentiated, and compiled', () => {
    const f = (ms: Tensor) =>
      hypergradient({ ...quadratic, mode: { implicit: { ...exactly, maxSteps: 6 } } })(
        f64([1, 2, 3]),
        { ms, mt: f64([0, 1, 0]) },
        { lower: [null], upper: null },
      ).dMs;
    checkGrads(f, [f64([0.5, -1, 2])], { order: 2 });
    near(compile(f)(f64([0.5, -1, 2])), f(f64([0.5, -1, 2])), 1e-10);
  });

  it('refuse by name', () => {
    const at = [
      [3, 1, 2],
      [1, 1, 1],
      [2, 0, 1],
    ];
    const who = 'hypergradient: expected';
    refuses(() => solve({ implicit: { maxSteps: 1 } }, 1, at), RangeError, who, 'after 1 steps');
    assert.equal(value(solve({ implicit: { maxSteps: 1, failure: 'report' } }, 1, at).stats.solve!.converged!), 0);
    refuses(() => solve({ implicit: { ridge: -1 } }, 1, at), RangeError, who, 'ridge');
    refuses(() => solve({ nystrom: { rank: 4, ridge: 1 } }, 1, at), RangeError, who, 'a rank of at most 3, got 4');
    refuses(() => solve({ nystrom: { rank: 2, ridge: 0 } }, 1, at), RangeError, who, 'ridge above 0');
    const mode = { implicit: {} };
    refuses(() => hypergradient({ ...quadratic, mode, lowerMask: true }), RangeError, who, 'no lowerMask');
    refuses(
      () => hypergradient({ ...quadratic, mode: { ...mode, more: 1 } as never }),
      TypeError,
      who,
      'no options but',
    );
  });
});

const flatten = (x: Theta): Tensor[] => [x.first, x.rest[0]!.last];

/** The Hessian of the lower loss of the network as a matrix. */
function hessianOf(theta: Theta, ms: Ms, batch: Batch): number[][] {
  const h = hessian((w: Theta) => lower(w, ms, batch)[0])(theta);
  const blocks = [h.first, h.rest[0]!.last].map((row) => flatten(row).map(values));
  const sizes = flatten(theta).map((x) => x.size);
  return blocks.flatMap((row, i) =>
    Array.from({ length: sizes[i]! }, (_, k) => row.flatMap((b, j) => b.slice(k * sizes[j]!, (k + 1) * sizes[j]!))),
  );
}

/** Numbers as weights of the network. */
const treeLike = (theta: Theta, x: readonly number[]): Theta => ({
  first: like(theta.first, x.slice(0, 6)),
  rest: [{ last: like(theta.rest[0]!.last, x.slice(6)) }],
});

/** Numbers in the shape of x. */
const like = (x: Tensor, data: readonly number[]): Tensor =>
  tensor(x.shape.length === 2 ? rows(data, x.shape[1]!) : [...data], { dtype: 'float64' });
const rows = (data: readonly number[], n: number): number[][] =>
  Array.from({ length: data.length / n }, (_, i) => data.slice(i * n, (i + 1) * n));
