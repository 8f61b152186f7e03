import assert from 'node:assert/strict';
import fc from 'fast-check';
import { add, grad, hvp, leaves, mixedProduct, mul, sub } from 'bigrad';
import { hypergradient, type Mode } from 'bigrad/bilevel';
import { differences, value } from '../../support/numbers.js';
import { batches, lastSteps, lower, problems, run, upper, type Ms, type State, type Theta } from './small-problem.js';
import { near, values } from '../../support/close.js';

const lr = 0.2;
const p = 4;
const all = batches(p);
const moves: [string, boolean | number, number][] = [
  ['masks fixed below', false, 0],
  ['masks moving at the same rate', true, lr],
  ['masks moving at a rate of their own', 0.07, 0.07],
];
const once = { numRuns: Math.min(12, fc.readConfigureGlobal().numRuns ?? 12) };

describe('hypergradient', () => {
  for (const [title, lowerMask, maskRate] of moves)
    describe(`with ${title}`, () => {
      const run1 = (mode: Mode, { theta, ms, mt }: { theta: Theta; ms: Ms; mt: Ms }, data = all) =>
        hypergradient({ lower, upper, mode, learningRate: lr, lowerMask })(theta, { ms, mt }, data);

      for (const [name, mode, K] of [
        ['exact', 'exact', p],
        ['truncated at 2', { truncated: 2 }, 2],
        ['paper', 'paper', 1],
        ['firstOrder', 'firstOrder', 0],
      ] as [string, Mode, number][])
        it(`${name}: is the gradient of the upper loss as a function of the state ${K} steps before the end`, () => {
          fc.assert(
            fc.property(problems, (problem) => {
              const { theta, ms, mt } = problem;
              const whole = lastSteps(all, K, lr, maskRate);
              const before = whole.from({ theta, ms });
              const got = run1(mode, problem);
              const at = (m: Ms) => whole.loss({ theta: before.theta, ms: m }, mt);
              near(got.value, at(before.ms));
              near(got.dMs, grad(at)(before.ms), 1e-11);
              near(got.dMt, grad((m: Ms) => whole.loss(before, m))(mt), 1e-11);
            }),
            once,
          );
        });

      it('exact: agrees with differences of the whole loop', () => {
        fc.assert(
          fc.property(problems, (problem) => {
            const { theta, ms, mt } = problem;
            const { loss } = lastSteps(all, p, lr, maskRate);
            const got = run1('exact', problem);
            near(
              got.dMs.first,
              differences((m) => value(loss({ theta, ms: m }, mt)), ms, 5e-5),
              1e-7,
            );
            near(
              got.dMt.first,
              differences((m) => value(loss({ theta, ms }, m)), mt, 5e-5),
              1e-7,
            );
          }),
          { numRuns: 4 },
        );
      });

      it('summed: adds the mixed product of every step with the last error of theta', () => {
        fc.assert(
          fc.property(problems, (problem) => {
            const { theta, ms, mt } = problem;
            const states = Array.from({ length: p + 1 }, (_, t) => run({ theta, ms }, all, t, lr, maskRate));
            const end = states[p]!;
            const error = grad((x: Theta) => upper(x, { ms: end.ms, mt }, all.upper)[0])(end.theta);
            let h = grad((m: Ms) => upper(end.theta, { ms: m, mt }, all.upper)[0])(end.ms).first;
            for (let t = p - 1; t >= 0; t--) {
              const { theta: x, ms: m } = states[t]!;
              const l = (a: Theta, b: Ms) => lower(a, b, all.lower[t]!)[0];
              const through = mul(mixedProduct(l, x, m, error).first, lr);
              const own = mul(hvp((b: Ms) => l(x, b), m, { first: h }).first, maskRate);
              h = sub(h, add(through, own));
            }
            near(run1('summed', problem).dMs.first, h, 1e-11);
          }),
          once,
        );
      });

      it('gives theta, ms and dTheta at the end of the lower steps, whatever the mode', () => {
        fc.assert(
          fc.property(problems, (problem) => {
            const { theta, ms, mt } = problem;
            const end = run({ theta, ms }, all, p, lr, maskRate);
            for (const mode of ['exact', 'summed', 'firstOrder'] as const) {
              const got = run1(mode, problem);
              near(got.theta, end.theta);
              near(got.ms, end.ms);
              near(got.dTheta, grad((x: Theta) => upper(x, { ms: end.ms, mt }, all.upper)[0])(end.theta));
            }
          }),
          once,
        );
      });

      it('makes paper, summed and exact one at p = 1, truncated(K >= p) exact, and truncated(0) firstOrder', () => {
        fc.assert(
          fc.property(problems, fc.integer({ min: 1, max: 3 }), fc.nat(3), (problem, count, more) => {
            const data = batches(count);
            const of = (mode: Mode, d = data) => run1(mode, problem, d).dMs;
            near(of('paper', batches(1)), of('exact', batches(1)), 1e-13);
            near(of('summed', batches(1)), of('exact', batches(1)), 1e-13);
            near(of({ truncated: count + more }), of('exact'), 1e-13);
            near(of({ truncated: 0 }), of('firstOrder'), 1e-13);
            near(of({ truncated: 1 }), of('paper'), 1e-13);
          }),
          once,
        );
      });

      it('tells the modes apart', () => {
        const [problem] = fc.sample(problems, { numRuns: 1, seed: 5 }) as [{ theta: Theta; ms: Ms; mt: Ms }];
        const modes: Mode[] = ['exact', { truncated: 2 }, 'summed', 'paper', 'firstOrder'];
        const found = modes.map((mode) =>
          values(run1(mode, problem).dMs.first)
            .map((x) => x.toFixed(9))
            .join(),
        );
        assert.equal(new Set(found).size, modes.length);
      });
    });

  it('reports the norms of its gradients, and of what came through the lower level', () => {
    fc.assert(
      fc.property(problems, ({ theta, ms, mt }) => {
        const solve = (mode: Mode) => hypergradient({ lower, upper, mode, learningRate: lr })(theta, { ms, mt }, all);
        const [full, first] = [solve('exact'), solve('firstOrder')];
        const norm = (tree: unknown): number => Math.hypot(...leaves(tree).flatMap(values));
        const { norms } = full.stats;
        near(norms.dTheta, norm(full.dTheta));
        near(norms.dMs, norm(full.dMs));
        near(norms.dMt, norm(full.dMt));
        near(norms.mixed, norm(sub(full.dMs.first, first.dMs.first)));
        assert.equal(value(first.stats.norms.mixed), 0);
      }),
      once,
    );
  });

  it('carries aux out of every lower step, at the weights before it, and of the upper loss', () => {
    fc.assert(
      fc.property(problems, ({ theta, ms, mt }) => {
        const { aux } = hypergradient({ lower, upper, learningRate: lr })(theta, { ms, mt }, all);
        assert.equal(aux.lower.length, p);
        aux.lower.forEach(({ residual }, t) => {
          const before: State = run({ theta, ms }, all, t, lr, 0);
          near(residual, lower(before.theta, ms, all.lower[t]!)[1].residual);
        });
        assert.equal(aux.upper, 'of the upper level');
      }),
      once,
    );
  });

  it('leaves no history behind in its results when nobody differentiates', () => {
    const [{ theta, ms, mt }] = fc.sample(problems, 1) as [{ theta: Theta; ms: Ms; mt: Ms }];
    for (const lowerMask of [false, true])
      for (const x of leaves(hypergradient({ lower, upper, learningRate: lr, lowerMask })(theta, { ms, mt }, all)))
        assert.equal(x.node, null);
  });
});
