import assert from 'node:assert/strict';
import fc from 'fast-check';
import { add, compile, grad, mul, square, sub, sum, type Tensor } from 'bigrad';
import { unroll } from 'bigrad/bilevel';
import { f64, number } from '../support/numbers.js';
import { near } from '../support/close.js';
import { refuses } from '../support/refuses.js';

describe('unroll', () => {
  it('applies the step p times, in order, telling it which', () => {
    fc.assert(
      fc.property(fc.nat(20), (p) => {
        const seen = unroll((state: number[], i) => [...state, i], [], p);
        assert.deepEqual(
          seen,
          Array.from({ length: p }, (_, i) => i),
        );
      }),
    );
  });

  it('gives back the state itself for no steps', () => {
    const state = { w: f64(1) };
    assert.deepEqual(
      unroll(() => assert.fail('no step was asked for'), state, 0),
      state,
    );
  });

  it('sums the geometric series x -> r x + 1 and its derivative in r', () => {
    fc.assert(
      fc.property(number(-0.9, 0.9), fc.integer({ min: 1, max: 30 }), (r, p) => {
        const series = (ratio: Tensor): Tensor => unroll((x) => add(mul(x, ratio), 1), f64(0), p);
        const powers = Array.from({ length: p }, (_, k) => k);
        near(
          series(f64(r)),
          powers.reduce((s, k) => s + r ** k, 0),
        );
        near(
          grad(series)(f64(r)),
          powers.slice(1).reduce((s, k) => s + k * r ** (k - 1), 0),
        );
      }),
    );
  });

  it('holds for thousands of steps, derivative included', () => {
    const last = (x: Tensor): Tensor => unroll((y) => mul(y, 1.0001), x, 5000);
    near(grad(last)(f64(1)), 1.0001 ** 5000, 1e-11);
  });

  it('runs every step once, and once more for the derivative where it spares memory', () => {
    for (const [options, times] of [
      [{}, 1],
      [{ checkpoint: false }, 1],
      [{ checkpoint: true }, 2],
    ] as const)
      for (const p of [1, 4, 7]) {
        let runs = 0;
        const step = (x: Tensor): Tensor => (runs++, mul(x, 2));
        near(grad((x: Tensor) => unroll(step, x, p, options))(f64(1)), 2 ** p);
        assert.equal(runs, times * p);
      }
  });

  it('is one step of a plan as a loop, with the same results', () => {
    const descent = (options: { checkpoint?: boolean; loop: true } | { loop?: false }) => (w: Tensor, rate: Tensor) => {
      const step = (v: Tensor) => sub(v, mul(grad((u: Tensor) => sum(square(square(u))))(v), rate));
      const run = options.loop ? unroll(step, w, 30, options) : unroll(step, w, 30, options);
      return sum(square(run));
    };
    const slope = (f: (w: Tensor, rate: Tensor) => Tensor) => (w: Tensor, rate: Tensor) => [
      f(w, rate),
      grad((r: Tensor) => f(w, r))(rate),
    ];
    const args = [f64([0.3, -0.5]), f64(0.1)] as const;
    const expected = slope(descent({}))(...args);
    const inline = compile(slope(descent({})));
    near(inline(...args), expected);
    for (const checkpoint of [false, true]) {
      const f = slope(descent({ loop: true, checkpoint }));
      near(f(...args), expected);
      const looped = compile(f);
      near(looped(...args), expected);
      assert.ok(looped.stats!.steps < inline.stats!.steps / 2, `${looped.stats!.steps} steps`);
    }
    assert.deepEqual(
      unroll(() => assert.fail('no step was asked for'), { w: 1 }, 0, { loop: true }),
      { w: 1 },
    );
    refuses(() => unroll(() => f64([1]), f64(1), 2, { loop: true }), RangeError, 'unroll', 'a carry like');
  });

  it('refuses a count or a step of the wrong kind', () => {
    for (const p of [-1, 1.5, NaN, Infinity])
      refuses(() => unroll((x) => x, 0, p), RangeError, 'unroll', 'non-negative', String(p));
    refuses(() => unroll(3 as never, 0, 1), TypeError, 'unroll', 'function', 'number 3');
  });
});
