import fc from 'fast-check';
import { compile, customVjp, grad, mapTree, mul, square, stopGradient, sub, sum, type Tensor } from 'bigrad';
import { hypergradient, type Mode, type PenaltyOptions } from 'bigrad/bilevel';
import { adam } from 'bigrad/optim';
import { near } from '../support/close.js';
import { f64, list, value } from '../support/numbers.js';
import { refuses } from '../support/refuses.js';
import { batches, lower, problems, run, upper, type Ms, type Theta } from './hypergradient/small-problem.js';

// l = sum d (theta - ms)^2 / 2 and u = sum (theta - mt)^2 / 2.
const half = (x: Tensor): Tensor => mul(sum(square(x)), 0.5);
const d = [1, 2, 4];
const quadratic = {
  lower: (theta: Tensor, ms: Tensor, _: null) => [mul(sum(mul(f64(d), square(sub(theta, ms)))), 0.5), null] as const,
  upper: (theta: Tensor, { mt }: { ms: Tensor; mt: Tensor }, _: null) => [half(sub(theta, mt)), null] as const,
  learningRate: 0.2,
};
const solve = (mode: Mode, theta: number[], ms: number[], mt: number[], more: object = {}) =>
  hypergradient({ ...quadratic, mode, ...more })(
    f64(theta),
    { ms: f64(ms), mt: f64(mt) },
    { lower: [null], upper: null },
  );
const points = fc.tuple(list(3), list(3), list(3));
const few = { numRuns: 4 };
const all = batches(2);

describe('the mode penalty of hypergradient', () => {
  it('is the difference of first derivatives at two points, written out', () => {
    fc.assert(
      fc.property(problems, fc.constantFrom(1, 3), fc.constantFrom(2, 50), ({ theta, ms, mt }, steps, weight) => {
        const [lr, rate] = [0.2, 0.3];
        const penalty = { weight, steps, learningRate: rate };
        const got = hypergradient({ lower, upper, learningRate: lr, mode: { penalty } })(theta, { ms, mt }, all);
        const end = run({ theta, ms }, all, 2, lr, 0).theta;
        const l = (w: Theta, m: Ms) => lower(w, m, all.lower[1]!)[0];
        const u = (w: Theta, m: Ms) => upper(w, { ms: m, mt }, all.upper)[0];
        let [y, z] = [end, end];
        for (let k = 0; k < steps; k++) {
          const [below, above] = [grad(l)(y, ms), grad(u)(y, ms)];
          y = mapTree((w, g, h) => sub(w, mul(sub(g, mul(h, -1 / weight)), rate)), y, below, above);
          z = mapTree((w, g) => sub(w, mul(g, rate)), z, grad(l)(z, ms));
        }
        const [atY, atZ] = [grad((m: Ms) => l(y, m))(ms).first, grad((m: Ms) => l(z, m))(ms).first];
        near(got.dMs.first, sub(grad((m: Ms) => u(y, m))(ms).first, mul(sub(atZ, atY), weight)), 1e-10);
        near(got.theta, end);
        near(value(got.stats.solve!.steps), steps);
      }),
      few,
    );
  });

  it('is off by 1 / lambda: (ms - mt) / (1 + 1 / (lambda d)) for a quadratic', () => {
    fc.assert(
      fc.property(points, fc.constantFrom(1, 10, 1000), ([theta, ms, mt], weight) => {
        const { dMs, stats } = solve({ penalty: { weight, steps: 200 } }, theta, ms, mt);
        const exact = d.map((h, i) => (ms[i]! - mt[i]!) / (1 + 1 / (weight * h)));
        near(dMs, exact, 1e-8);
        near(stats.solve!.residual, 0, 1e-8);
      }),
      few,
    );
  });

  it('is a Neumann series of as many terms for a large lambda, where the lower level is at its minimum', () => {
    fc.assert(
      fc.property(points, fc.constantFrom(1, 2, 5), ([, ms, mt], steps) => {
        const series = { method: 'neumann', scale: 0.2, maxSteps: steps, failure: 'report' } as const;
        near(
          solve({ penalty: { weight: 1e7, steps } }, ms, ms, mt).dMs,
          solve({ implicit: series }, ms, ms, mt).dMs,
          1e-5,
        );
      }),
      few,
    );
  });

  it('takes no second derivative: functions without one do', () => {
    const once = customVjp(
      (x: Tensor) => half(x),
      (g, x) => mul(stopGradient(x), stopGradient(g)),
    );
    const without = { lower: (theta: Tensor, ms: Tensor) => [once(sub(theta, ms)), null] };
    const plain = { lower: (theta: Tensor, ms: Tensor) => [half(sub(theta, ms)), null] };
    const mode = { penalty: { weight: 10, steps: 3 } };
    const at = [
      [3, 1, 2],
      [1, 1, 1],
      [2, 0, 1],
    ] as const;
    const of = (more: object) => solve(mode, [...at[0]], [...at[1]], [...at[2]], more).dMs;
    near(of(without), of(plain), 1e-13);
  });

  it('can be compiled, behind an optimizer too', () => {
    const f = (ms: Tensor) =>
      hypergradient({
        ...quadratic,
        learningRate: undefined,
        optimizer: adam({ learningRate: 0.1 }),
        mode: { penalty: { weight: 10, steps: 2, learningRate: 0.2 } },
      })(f64([1, 2, 3]), { ms, mt: f64([0, 1, 0]) }, { lower: [null], upper: null }).dMs;
    near(compile(f)(f64([0.5, -1, 2])), f(f64([0.5, -1, 2])), 1e-12);
  });

  it('refuses by name', () => {
    const who = 'hypergradient: expected';
    const of = (penalty: Partial<PenaltyOptions>, more: object = {}) =>
      solve({ penalty: penalty as PenaltyOptions }, [3, 1, 2], [1, 1, 1], [2, 0, 1], more);
    const good = { weight: 10, steps: 2 };
    refuses(() => of({ ...good, weight: 0 }), RangeError, who, 'weight above 0');
    refuses(() => of({ ...good, steps: 0 }), RangeError, who, 'steps to be a positive integer');
    refuses(() => of({ ...good, learningRate: 0 }), RangeError, who, 'learningRate above 0');
    refuses(() => of({ weight: 1 }), TypeError, who, 'steps');
    refuses(() => of({ ...good, more: 1 } as never), TypeError, who, 'no options but weight, steps, learningRate');
    refuses(() => of(good, { lowerMask: true }), RangeError, who, 'no lowerMask');
    const optimizer = adam({ learningRate: 0.1 });
    refuses(() => of(good, { learningRate: undefined, optimizer }), RangeError, who, 'a learningRate of the mode');
  });
});
