import assert from 'node:assert/strict';
import fc from 'fast-check';
import { mul, square, sub, sum, tensor, type Tensor } from 'bigrad';
import { diagnose, hypergradient, type Diagnosis, type Mode } from 'bigrad/bilevel';
import { adam } from 'bigrad/optim';
import { near } from '../support/close.js';
import { f64, list, value } from '../support/numbers.js';
import { refuses } from '../support/refuses.js';
import { batches, lower, problems, upper } from './hypergradient/small-problem.js';

// l = sum d (theta - ms)^2 / 2 and u = sum theta^2 / 2: all modes are known in numbers.
const d = [1, 2, 4];
const r = 0.1;
const half = (x: Tensor): Tensor => mul(sum(square(x)), 0.5);
const quadratic = {
  lower: (w: Tensor, ms: Tensor, _: null) => [mul(sum(mul(f64(d), square(sub(w, ms)))), 0.5), null] as const,
  upper: (w: Tensor, _: object, __: null) => [half(w), null] as const,
  learningRate: r,
};
const report = (mode: Mode, theta: number[], ms: number[], p = 3): Promise<Diagnosis> =>
  diagnose({ ...quadratic, mode })(
    f64(theta),
    { ms: f64(ms), mt: undefined },
    { lower: new Array<null>(p).fill(null), upper: null },
  );
const lengthOf = (x: number[]): number => Math.hypot(...x);

describe('diagnose', () => {
  it('gives the angle and the lengths of two hypergradients that are known in numbers', async () => {
    await fc.assert(
      fc.asyncProperty(list(3), list(3), async (theta, ms) => {
        fc.pre(lengthOf(theta) > 0.1 && lengthOf(ms) > 0.1);
        const p = 3;
        const end = d.map((h, i) => ms[i]! + (theta[i]! - ms[i]!) * (1 - r * h) ** p);
        const exact = d.map((h, i) => end[i]! * (1 - (1 - r * h) ** p));
        const summed = d.map((h, i) => end[i]! * r * h * p);
        fc.pre(lengthOf(end) > 0.01);
        const got = await report('summed', theta, ms);
        const along = exact.reduce((s, e, i) => s + e * summed[i]!, 0);
        const cosine = along / lengthOf(exact) / lengthOf(summed);
        near(Math.cos((got.angle * Math.PI) / 180), cosine, 1e-12);
        near(got.relativeNorm, lengthOf(summed) / lengthOf(exact), 1e-12);
        near(got.relativeError, lengthOf(exact.map((e, i) => e - summed[i]!)) / lengthOf(exact), 1e-12);
        near(got.residuals.lower, lengthOf(d.map((h, i) => h * (end[i]! - ms[i]!))), 1e-12);
        assert.deepEqual([got.residuals.solve, got.steps, got.converged], [undefined, undefined, undefined]);
      }),
      { numRuns: 4 },
    );
  });

  it('finds exact equal to itself, and no angle where a mode gives 0', async () => {
    const same = await report('exact', [1, 2, 3], [0.5, 1, 0]);
    assert.deepEqual([same.angle, same.relativeNorm, same.relativeError], [0, 1, 0]);
    const none = await report('firstOrder', [1, 2, 3], [0.5, 1, 0]);
    assert.deepEqual([none.angle, none.relativeNorm, none.relativeError], [NaN, 0, 1]);
  });

  it('tells how a solver went, relative to its right-hand side', async () => {
    const mode: Mode = { implicit: { maxSteps: 1, failure: 'report' } };
    const [theta, ms] = [
      [3, 1, 2],
      [1, 1, 1],
    ] as const;
    const got = await report(mode, [...theta], [...ms]);
    const { stats, dTheta } = hypergradient({ ...quadratic, mode })(
      f64(theta),
      { ms: f64(ms), mt: undefined },
      { lower: [null, null, null], upper: null },
    );
    near(got.residuals.solve, value(stats.solve!.residual) / Math.hypot(...dTheta.readSync()), 1e-14);
    assert.deepEqual([got.steps, got.converged], [1, false]);
    const whole = await report({ implicit: { maxSteps: 3 } }, [...theta], [...ms]);
    assert.deepEqual([whole.steps, whole.converged], [3, true]);
    assert.ok(whole.residuals.solve! < 1e-10 && whole.residuals.solve! >= 0);
    assert.equal((await report({ nystrom: { rank: 2, ridge: 1 } }, [1, 1, 2], [0, 0, 1])).converged, undefined);
  });

  it('counts ops and bytes: exact needs more with p, and modes that follow no step only more ops', async () => {
    const [{ theta, ms, mt }] = fc.sample(problems, { numRuns: 1, seed: 2 }) as [never];
    const costs = async (mode: Mode, p: number) => {
      const f = diagnose({ lower, upper, mode, optimizer: adam({ learningRate: 0.1, eps: 1e-3 }) });
      const { cost, exactCost } = await f(theta, { ms, mt }, batches(p));
      return [cost!.ops, exactCost!.ops, cost!.bytes, exactCost!.bytes] as const;
    };
    const mode: Mode = { penalty: { weight: 10, steps: 2, learningRate: 0.1 } };
    const [few, many] = [await costs(mode, 2), await costs(mode, 6)];
    assert.ok(few[0] < few[1] && few[0] < many[0] && 2 * few[1] < many[1], `${few} ${many}`);
    assert.ok(many[3] - few[3] > 3 * (many[2] - few[2]), `${few} ${many}`); // batches take memory too
    const [exact, itself] = await costs('exact', 3);
    assert.equal(exact, itself);
  });

  it('gives no costs for losses that look at values', async () => {
    const got = await diagnose({
      ...quadratic,
      lower: (w: Tensor, ms: Tensor, _: null) => [mul(half(sub(w, ms)), sum(ms).item()), null],
    })(f64([1, 2]), { ms: f64([1, 1]), mt: undefined }, { lower: [null], upper: null });
    assert.deepEqual([got.cost, got.exactCost, got.angle], [undefined, undefined, 0]);
  });

  it('has no angle where there are no masks', async () => {
    const masks = { ms: undefined, mt: undefined };
    const { angle, relativeNorm } = await diagnose({
      ...quadratic,
      lower: (w: Tensor, _: undefined, __: null) => [half(w), null] as const,
    })(f64([1]), masks, { lower: [null], upper: null });
    assert.deepEqual([angle, relativeNorm], [NaN, NaN]);
  });

  it('refuses what hypergradient refuses, in its own name', async () => {
    refuses(() => diagnose({ ...quadratic, mode: 'precise' as never }), RangeError, 'diagnose: expected mode');
    refuses(() => diagnose({ ...quadratic, mode: {} as never }), RangeError, 'diagnose: expected mode', 'an object');
    const run = (p: number, ms: unknown) =>
      diagnose(quadratic)(f64([1]), { ms: ms as Tensor, mt: undefined }, { lower: new Array<null>(p).fill(null), upper: null }); // prettier-ignore
    await assert.rejects(run(0, f64([1])), /RangeError: diagnose: expected at least one lower batch, got none/);
    await assert.rejects(run(1, tensor([1])), /TypeError: diagnose: expected .*float64 and float32/);
    const changing = { init: () => ({}), update: () => [f64([1, 2]), {}] as never };
    await assert.rejects(
      diagnose({ ...quadratic, learningRate: undefined, optimizer: changing })(
        f64([1]),
        { ms: f64([1]), mt: undefined },
        { lower: [null], upper: null },
      ),
      /RangeError: diagnose: expected a weight after a lower step of shape \[1\], got \[2\]/,
    );
  });
});
