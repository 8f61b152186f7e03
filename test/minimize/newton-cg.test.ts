import assert from 'node:assert/strict';
import { add, exp, pow, square, sub, sum, mul, tensor, type Tensor } from 'bigrad';
import { minimize } from 'bigrad/optim';
import { newtonCg } from '../../src/minimize/newton-cg.js';
import type { Point } from '../../src/minimize/point.js';
import { near } from '../support/close.js';
import { f64, value } from '../support/numbers.js';
import { element, placed, steep } from './problems.js';

describe('newton-cg', () => {
  const newton = { method: 'newton-cg' } as const;

  it('converges faster than linearly', () => {
    // Four units, so that one step of cg does not do.
    const f = (x: Tensor): Tensor => sum(mul(sub(exp(x), mul(x, 2)), f64([1, 3, 10, 30])));
    const norms: number[] = [];
    minimize(f, f64([1, 1, 1, 1]), { ...newton, tolerance: 1e-9, progress: (p) => norms.push(p.gradientNorm) });
    const last = norms.slice(-3);
    assert.ok(last[2]! < last[1]! ** 1.2 && last[1]! < 1, last.join(' '));
  });

  it('leaves a saddle along negative curvature', () => {
    // x^4 - x^2 + y^2 has a saddle at 0 and minima at x = 1 / sqrt 2.
    const f = (v: Tensor): Tensor => {
      const [x, y] = [element(v, 0), element(v, 1)];
      return add(sub(pow(x, 4), square(x)), square(y));
    };
    const { x, value: least } = minimize(f, f64([1e-6, 1]), newton);
    near([x, least], [Math.SQRT1_2, 0, -0.25], 1e-6);
  });

  it('makes its region smaller where the model is wrong, and larger where it is right', () => {
    const far = (radius: number) => minimize(steep, f64([-5]), { ...newton, radius });
    const [small, large] = [far(0.01), far(1000)];
    near([small.x, large.x], [Math.LN2, Math.LN2], 1e-6);
    assert.ok(large.evaluations > large.steps + 1, 'no trial was refused');
    // Steps of 0.01 alone would be 570.
    assert.ok(small.steps < 30);
  });

  it('takes any unit for its first radius, in float32 too', () => {
    const unit = 1e-8;
    const f = (x: Tensor): Tensor => sum(sub(exp(mul(x, 1 / unit)), mul(x, 2 / unit)));
    const { x } = minimize(f, tensor([0]), { ...newton, radius: unit, tolerance: 1e-4 / unit });
    near(mul(x, 1 / unit), [Math.LN2], 1e-4);
  });

  it('ends where nothing but rounding is left', () => {
    const f = (x: Tensor): Tensor => sum(sub(exp(x), mul(x, f64([2.1, 3.7]))));
    const { reason, steps, x } = minimize(f, f64([0, 0]), { ...newton, tolerance: 1e-300, failure: 'report' });
    near(x, [Math.log(2.1), Math.log(3.7)], 1e-12);
    assert.ok(reason !== 'steps' && steps < 20, `${reason} after ${steps} steps`);
  });

  it('changes its radius by how much of the promised reduction there is', () => {
    // The model -10 p + 4 p^2 promises 6 at 1, 9/4 at 1/4, and 25/4 at its minimum 5/4.
    const from = { ...placed(0, -10), x: f64([0]) };
    const hessian = () => (v: Tensor) => mul(v, 8);
    const stateFor = (radius: number, part: number): number | undefined => {
      const at = (x: Tensor): Point => {
        const p = value(sum(x));
        return { ...placed(-part * (10 * p - 4 * p * p), 0), x };
      };
      const next = newtonCg(at, hessian, { radius: 1, cgSteps: 9 }).step(from, radius);
      return typeof next === 'string' ? undefined : next.state;
    };
    for (const [radius, part, state] of [
      [1, 1, 2],
      [0.25, 1, 0.5],
      [1, 0.5, 1],
      [1, 0.2, 0.25],
      [3, 1, 3],
      [3, 0.2, 5 / 16],
    ] as const)
      near(stateFor(radius, part)!, state, 1e-12);
  });

  it('says that it finds no step, or that there is no end', () => {
    const at = (v: number) => (x: Tensor) => ({ ...placed(v, -1), x });
    const flat = () => (v: Tensor) => mul(v, 0);
    const step = (v: number, first: number, radius: number, start = 0) =>
      newtonCg(at(v), flat, { radius: first, cgSteps: 9 }).step({ ...placed(0, -1), x: f64([start]) }, radius);
    assert.equal(step(-Infinity, 1, 1), 'unbounded');
    assert.equal(step(Infinity, 1, 1, 1), 'no descent');
    assert.equal(step(-1, 1, 0), 'no descent');
    // A radius that has grown by more than 1e15.
    assert.equal(step(-1e20, 0.1, 2e14), 'unbounded');
    assert.equal(typeof step(-1e20, 10, 5e15), 'object');
  });

  it('takes at most so many products for a step', () => {
    const bowl = (x: Tensor): Tensor => sum(mul(square(x), f64([1, 5, 20])));
    const { products, steps } = minimize(bowl, f64([1, 1, 1]), { ...newton, cgSteps: 2 });
    assert.ok(products > steps && products <= 2 * steps);
  });
});
