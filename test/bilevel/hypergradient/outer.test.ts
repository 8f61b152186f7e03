import assert from 'node:assert/strict';
import fc from 'fast-check';
import { add, cos, dot, grad, mul, neg, reference, square, sub, sum, tensor, Tensor, type Backend } from 'bigrad';
import { hypergradient, unroll, type Mode } from 'bigrad/bilevel';
import { checkGrads } from 'bigrad/testing';
import { f64, number, value } from '../../support/numbers.js';
import { batches, lower, problems, upper, type Ms, type Theta } from './small-problem.js';
import { kindFor, refuses } from '../../support/refuses.js';
import { near } from '../../support/close.js';

const [{ theta, ms, mt }] = fc.sample(problems, { numRuns: 1, seed: 11 }) as [{ theta: Theta; ms: Ms; mt: Ms }];
const all = batches(2);

describe('differentiating through hypergradient', () => {
  for (const mode of ['exact', 'summed', 'paper', 'firstOrder'] as Mode[])
    for (const lowerMask of [false, true])
      it(`agrees with differences in ${JSON.stringify(mode)} mode with lowerMask ${lowerMask}`, () => {
        checkGrads(
          (w: Theta, a: Ms, b: Ms, learningRate: Tensor) => {
            const h = hypergradient({ lower, upper, mode, learningRate, lowerMask })(w, { ms: a, mt: b }, all);
            return [h.value, h.theta, h.dTheta, h.dMs, h.dMt];
          },
          [theta, ms, mt, f64(0.2)],
          { order: 1, tolerance: 1e-6, fast: true },
        );
      });

  it('gives the derivative in the rate of both levels: d h / d lr of a quadratic after one step', () => {
    // l = (theta - m)^2 / 2, u = (theta - t)^2 / 2: h = lr (theta_1 - t) with theta_1 = theta - lr
    // (theta - m)
    fc.assert(
      fc.property(number(), number(), number(), number(0.1, 1), (w, m, t, lr) => {
        const h = (learningRate: Tensor): Tensor =>
          hypergradient({
            lower: (x: Tensor, s: Tensor) => [mul(square(sub(x, s)), 0.5), null],
            upper: (x: Tensor, _: { ms: Tensor; mt: Tensor }) => [mul(square(sub(x, t)), 0.5), null],
            learningRate,
          })(f64(w), { ms: f64(m), mt: f64(1) }, { lower: [null], upper: null }).dMs;
        near(h(f64(lr)), lr * (w - lr * (w - m) - t));
        near(grad(h)(f64(lr)), w - t - 2 * lr * (w - m));
        near(grad(grad(h))(f64(lr)), -2 * (w - m));
      }),
    );
  });
});

describe('hypergradient', () => {
  it('takes no gradient in theta that nobody asks for: at its first step, and in summed mode', () => {
    for (const lowerMask of [false, true])
      for (const [mode, p, expected] of [
        ['exact', 1, 2],
        ['paper', 2, 3],
        ['summed', 2, 4],
        ['exact', 2, 5],
      ] as const) {
        let cosines = 0; // of the derivative of sin: once in each gradient, and again in the gradient in theta of that
        const device: Backend = {
          ...reference,
          name: 'counting',
          run: (op, ...rest) => {
            if (op.name === 'cos') cosines++;
            return reference.run(op, ...rest);
          },
        };
        const x = tensor([0.3, 0.4], { device });
        hypergradient({
          lower: (w: Tensor, s: Tensor) => [sum(mul(neg(s), cos(w))), null],
          upper: (w: Tensor) => [sum(square(w)), null],
          learningRate: 0.1,
          mode,
          lowerMask,
        })(x, { ms: x, mt: x }, { lower: new Array<null>(p).fill(null), upper: null });
        assert.equal(cosines, expected, `${mode} ${p} ${lowerMask}`);
      }
  });
});

describe('hypergradient accepts', () => {
  const l = (x: { w: Tensor }, s: { w?: Tensor }): [Tensor, null] => [sum(square(s.w ? sub(x.w, s.w) : x.w)), null];
  const steps = { lower: [null, null], upper: null };

  it('masks that are absent on either level, as empty trees or undefined', () => {
    const x = { w: f64([1, 2]) };
    const none = hypergradient({
      lower: l,
      upper: (w: { w: Tensor }, _: { ms: { w?: Tensor }; mt: undefined }) => l(w, {}),
      learningRate: 0.1,
    })(x, { ms: {}, mt: undefined }, steps);
    near(none.theta.w, [0.64, 1.28]);
    assert.deepEqual([none.dMs, none.dMt], [{}, undefined]);
    assert.deepEqual([none.stats.norms.dMs, none.stats.norms.dMt, none.stats.norms.mixed].map(value), [0, 0, 0]);
    const below = hypergradient({
      lower: l,
      upper: (w: { w: Tensor }, _: { ms: { w?: Tensor }; mt: { w?: Tensor } }) => l(w, {}),
      learningRate: 0.1,
      lowerMask: true,
    })(x, { ms: { w: f64([0, 0]) }, mt: {} }, steps);
    assert.equal(below.dMt.w, undefined);
    near(below.value, add(dot(below.theta.w, below.theta.w), 0));
  });

  it('whole numbers and other leaves among the weights, which stay', () => {
    const x = { w: f64([1, 2]), name: 'layer', labels: [3] };
    const got = hypergradient({ lower: l, upper: (w: typeof x) => l(w, {}), learningRate: 0.1 })(
      x,
      { ms: { w: f64([0, 0]) }, mt: f64(0) },
      steps,
    );
    assert.equal(got.theta.name, 'layer');
    assert.deepEqual(got.theta.labels, [3]);
  });
});

describe('hypergradient refuses', () => {
  const problem = { lower, upper, learningRate: 0.1 };
  const bad: [string, object, ...string[]][] = [
    ['an unknown mode', { mode: 'precise' }, "'exact'", '"precise"'],
    ['a mode that is no mode', { mode: 3 }, "'exact'", 'number 3'],
    ['a truncation that is no count', { mode: { truncated: 1.5 } }, 'truncated', 'non-negative integer'],
    ['a negative truncation', { mode: { truncated: -1 } }, 'truncated', 'non-negative integer'],
    ['a negative rate', { learningRate: -0.1 }, 'learningRate', '-0.1'],
    ['a rate that is no number', { learningRate: NaN }, 'learningRate', 'NaN'],
    ['an infinite rate', { learningRate: Infinity }, 'learningRate', 'Infinity'],
    ['a missing rate', { learningRate: undefined }, 'learningRate', 'undefined'],
    ['a rate in words', { learningRate: '0.1' }, 'learningRate', '"0.1"'],
    ['a rate per weight', { learningRate: f64([0.1, 0.2]) }, 'scalar', '[2]'],
    ['a negative mask rate', { lowerMask: -1 }, 'lowerMask', '-1'],
    ['a mask rate in words', { lowerMask: 'yes' }, 'lowerMask', '"yes"'],
  ];
  for (const [title, options, ...words] of bad)
    it(title, () => {
      const [value] = Object.values(options) as [unknown];
      const kind = 'mode' in options || value instanceof Tensor ? RangeError : kindFor(value);
      refuses(() => hypergradient({ ...problem, ...options }), kind, 'hypergradient', ...words);
    });

  for (const level of ['lower', 'upper'])
    it(`a ${level} level that is no function, or returns no [loss, aux]`, () => {
      refuses(() => hypergradient({ ...problem, [level]: 3 }), TypeError, 'hypergradient', level, 'number 3');
      const single = { ...problem, [level]: () => f64(1) };
      refuses(() => hypergradient(single)(theta, { ms, mt }, all), TypeError, 'hypergradient', level, '[loss, aux]');
    });

  it('missing problems, masks and batches, and options that it does not know', () => {
    const none = undefined as never;
    refuses(() => hypergradient(none), TypeError, 'hypergradient: expected an object', 'undefined');
    refuses(() => hypergradient({ ...problem, lr: 1 } as never), TypeError, 'hypergradient: expected no', 'got lr');
    refuses(() => hypergradient(problem)(theta, none, all), TypeError, 'hypergradient: expected masks', 'undefined');
    refuses(() => hypergradient(problem)(theta, { ms, mt }, none), TypeError, 'hypergradient: expected batches');
    refuses(() => unroll((s) => s, 1, 1, { checkpoints: true } as never), TypeError, 'unroll: expected no options');
  });

  for (const level of ['lower', 'upper'])
    it(`a ${level} loss that is no scalar`, () => {
      for (const [loss, got] of [
        [f64([1, 2]), 'float64 [2]'],
        [3, 'number 3'],
      ] as const)
        refuses(
          () => hypergradient({ ...problem, [level]: () => [loss, null] })(theta, { ms, mt }, all),
          TypeError,
          `hypergradient: expected ${level}`,
          'scalar',
          got,
        );
    });

  it('no lower batch', () => {
    const solve = hypergradient(problem);
    refuses(() => solve(theta, { ms, mt }, { ...all, lower: [] }), RangeError, 'hypergradient', 'at least one', 'none');
    refuses(
      () => solve(theta, { ms, mt }, { ...all, lower: undefined as never }),
      TypeError,
      'hypergradient',
      'list',
      'undefined',
    );
  });
});
