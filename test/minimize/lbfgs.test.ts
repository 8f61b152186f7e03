import assert from 'node:assert/strict';
import { maximum, mul, neg, ones, square, sub, sum, valueAndGrad, type Tensor } from 'bigrad';
import { minimize } from 'bigrad/optim';
import { lbfgs } from '../../src/minimize/lbfgs.js';
import type { Point } from '../../src/minimize/point.js';
import { near } from '../support/close.js';
import { double, f64, value } from '../support/numbers.js';
import { inner, rosenbrock } from './problems.js';

const at = (x: Tensor): Point => {
  const [y, gradient] = valueAndGrad(rosenbrock)(x);
  return { x, value: value(y), gradient, size: Math.sqrt(inner(gradient, gradient)) };
};

describe('lbfgs', () => {
  it('takes steps that satisfy the strong Wolfe conditions along their direction', () => {
    const points = [at(f64([-1.2, 1]))];
    minimize(rosenbrock, points[0]!.x, { progress: ({ x }) => points.push(at(x)) });
    assert.ok(points.length > 10);
    points.slice(1).forEach((to, i) => {
      const from = points[i]!;
      const step = sub(to.x, from.x);
      const [before, after] = [inner(from.gradient, step), inner(to.gradient, step)];
      assert.ok(before < 0 && to.value <= from.value + 1e-4 * before);
      assert.ok(Math.abs(after) <= 0.9 * Math.abs(before));
    });
  });

  it('remembers so many steps, of positive curvature, and its steps are pure', () => {
    const { step, state: none } = lbfgs(at, 2);
    let [point, state] = [at(f64([-1.2, 1])), none];
    for (let k = 1; k <= 4; k++) {
      const [next, again] = [step(point, state), step(point, state)];
      assert.ok(typeof next !== 'string' && typeof again !== 'string');
      near(next.point.x, again.point.x, 0);
      ({ point, state } = next);
      assert.equal(state.length, Math.min(k, 2));
      for (const { s, y, sy } of state) assert.ok(value(sy) > 0 && inner(s, y) === value(sy));
    }
  });

  it('remembers no step along which the slope becomes steeper', () => {
    // -x^2 falls ever more steeply, up to a kink at 1.
    const cliff = (x: Tensor): Tensor => sum(maximum(neg(square(x)), sub(mul(x, 5), 6)));
    const point = (x: Tensor): Point => {
      const [y, gradient] = valueAndGrad(cliff)(x);
      return { x, value: value(y), gradient, size: Math.abs(value(gradient)) };
    };
    const next = lbfgs(point, 5).step(point(f64([0.3])), []);
    assert.ok(typeof next !== 'string');
    near(next.point.x, [1], 1e-6);
    assert.equal(next.state.length, 0);
  });

  it('needs fewer steps the more it remembers', () => {
    const bowl = (x: Tensor): Tensor => sum(mul(square(x), f64([1, 5, 25, 100])));
    const steps = [1, 10].map((history) => minimize(bowl, ones([4], double), { history, tolerance: 1e-3 }).steps);
    assert.ok(steps[1]! < 0.7 * steps[0]!, String(steps));
  });

  /** c x^2 / 2 in many units, and the places that are looked at. */
  const bowlAt =
    (c: number, seen: number[]) =>
    (x: Tensor): Point => {
      const v = value(sum(x));
      seen.push(v);
      return { x, value: (c * v * v) / 2, gradient: mul(x, c), size: Math.abs(c * v) };
    };

  it('tries a step of length 1 at most first, and later the whole step of its model', () => {
    for (const [c, x, first] of [
      [100, 3, 2],
      [0.01, 3, 2.97],
    ] as const) {
      const seen: number[] = [];
      const at = bowlAt(c, seen);
      const start = at(f64([x]));
      lbfgs(at, 5).step(start, []);
      near(seen[1]!, first, 1e-12);
      seen.length = 0;
      lbfgs(at, 5).step(start, [{ s: f64([1]), y: f64([c]), sy: f64(c) }]);
      near(seen[0]!, 0, 1e-12);
    }
  });

  it('remembers steps in any units', () => {
    for (const c of [1e-8, 1, 1e8]) {
      const at = bowlAt(c, []);
      const next = lbfgs(at, 5).step(at(f64([3])), []);
      assert.ok(typeof next !== 'string');
      assert.equal(next.state.length, 1);
    }
  });

  it('finds no step where there is no slope', () => {
    const at = bowlAt(1, []);
    assert.equal(lbfgs(at, 5).step(at(f64([0])), []), 'no descent');
  });

  it('begins again with the gradient where what it remembers leads nowhere', () => {
    const start = at(f64([-1.2, 1]));
    const uphill = { s: start.gradient, y: start.gradient, sy: f64(-inner(start.gradient, start.gradient)) };
    const next = lbfgs(at, 5).step(start, [uphill]);
    assert.ok(typeof next !== 'string' && next.point.value < start.value);
    assert.equal(next.state.length, 1);
  });
});
