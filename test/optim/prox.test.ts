import assert from 'node:assert/strict';
import fc from 'fast-check';
import { add, grad, mul, sub, sum, tensor, type Tensor } from 'bigrad';
import { elasticNet, groupLasso, hardThreshold, jointMask, softThreshold } from 'bigrad/optim';
import { checkGrads } from 'bigrad/testing';
import { f64, list, number } from '../support/numbers.js';
import { dot, firmness, minus } from './vectors.js';
import { kindFor, refuses } from '../support/refuses.js';
import { near, values } from '../support/close.js';

const n = 5;
const points = list(n, number(-3, 3));
const thresholds = number(0, 2);
const soft = (x: number[], t: number): number[] => values(softThreshold(f64(x), t));
const hard = (x: number[], t: number): number[] => values(hardThreshold(f64(x), t));

describe('softThreshold', () => {
  it('meets the optimality condition: (x - p) / t is the sign of p, and within -1 .. 1 where p is 0', () => {
    fc.assert(
      fc.property(points, thresholds, (x, t) => {
        soft(x, t).forEach((p, i) => {
          if (p !== 0) near(x[i]! - p, t * Math.sign(p));
          else assert.ok(Math.abs(x[i]!) <= t);
        });
      }),
    );
  });

  it('is firmly non-expansive: |p - q|^2 <= <p - q, x - y>', () => {
    fc.assert(
      fc.property(points, points, thresholds, (x, y, t) => {
        assert.ok(firmness(x, y, soft(x, t), soft(y, t)) >= -1e-12);
      }),
    );
  });

  it('obeys the identity of Moreau: with the projection onto |y| <= t, the two parts add up to x', () => {
    fc.assert(
      fc.property(points, thresholds, (x, t) => {
        const projected = x.map((v) => Math.min(t, Math.max(-t, v)));
        near(add(softThreshold(f64(x), t), f64(projected)), x);
      }),
    );
  });

  it('beats every perturbation of its result in |p - x|^2 / 2 + t |p|_1', () => {
    const objective = (p: number[], x: number[], t: number): number =>
      dot(minus(p, x), minus(p, x)) / 2 + t * p.reduce((s, v) => s + Math.abs(v), 0);
    fc.assert(
      fc.property(points, thresholds, points, number(0, 1), (x, t, direction, size) => {
        const p = soft(x, t);
        const moved = p.map((v, i) => v + size * direction[i]!);
        assert.ok(objective(p, x, t) <= objective(moved, x, t) + 1e-12);
      }),
    );
  });

  it('takes a threshold per element, in tensors', () => {
    near(softThreshold(f64([3, -3, 1, -1]), f64([1, 2, 1, 5])), [2, -1, 0, 0]);
    near(
      softThreshold(
        f64([
          [3, 3],
          [-3, -3],
        ]),
        f64([1, 2]),
      ),
      [
        [2, 1],
        [-2, -1],
      ],
    );
    refuses(() => softThreshold(f64([[3], [-3]]), f64([1, 2])), RangeError, 'softThreshold:', '[2,1]', '[2]');
  });

  it('is odd, gives x for no threshold and 0 for an infinite one', () => {
    fc.assert(
      fc.property(points, thresholds, (x, t) => {
        near(
          soft(
            x.map((v) => -v),
            t,
          ),
          soft(x, t).map((v) => -v),
          0,
        );
        near(soft(x, 0), x, 0);
        near(
          soft(x, Infinity),
          x.map(() => 0),
          0,
        );
      }),
    );
  });

  it('can be differentiated in x and t away from the kinks', () => {
    checkGrads((x: Tensor, t: Tensor) => softThreshold(x, t), [f64([2, -1.5, 0.2, -0.3]), f64([1, 0.5, 0.7, 0.9])]);
    near(grad((t: Tensor) => sum(softThreshold(f64([2, 3, -5, 0.1]), t)))(f64(1)), -1);
  });
});

describe('hardThreshold', () => {
  it('keeps what is above the threshold and drops the rest', () => {
    fc.assert(
      fc.property(points, thresholds, (x, t) => {
        near(
          hard(x, t),
          x.map((v) => (Math.abs(v) > t ? v : 0)),
          0,
        );
      }),
    );
    near(hardThreshold(f64([3, -3, 1]), f64([2, 4, 1])), [3, 0, 0]);
  });

  it('at sqrt(2 lambda) beats every perturbation of its result in |p - x|^2 / 2 + lambda |p|_0', () => {
    const objective = (p: number[], x: number[], lambda: number): number =>
      dot(minus(p, x), minus(p, x)) / 2 + lambda * p.filter((v) => v !== 0).length;
    fc.assert(
      fc.property(points, thresholds, list(n, fc.oneof(fc.constant(0), number(-3, 3))), (x, lambda, other) => {
        const p = hard(x, Math.sqrt(2 * lambda));
        for (const rival of [other, x, x.map(() => 0), p.map((v, i) => v + 0.1 * other[i]!)])
          assert.ok(objective(p, x, lambda) <= objective(rival, x, lambda) + 1e-12);
      }),
    );
  });

  it('is idempotent', () => {
    fc.assert(
      fc.property(points, thresholds, (x, t) => {
        near(hard(hard(x, t), t), hard(x, t), 0);
      }),
    );
  });

  it('is not firmly non-expansive, nor non-expansive: a counterexample is found', () => {
    const result = fc.check(
      fc.property(points, points, thresholds, (x, y, t) => firmness(x, y, hard(x, t), hard(y, t)) >= -1e-12),
      { numRuns: 1000 },
    );
    assert.ok(result.failed);
    const [x, y, t] = result.counterexample!;
    const [p, q] = [hard(x, t), hard(y, t)];
    assert.ok(firmness(x, y, p, q) < 0);
    assert.ok(Math.hypot(...minus(hard([1.01], 1), hard([0.99], 1))) > 0.02);
  });

  it('lets the gradient through where it keeps x, and none where it does not', () => {
    const f = (x: Tensor): Tensor => sum(mul(hardThreshold(x, 1), f64([2, 3, 5])));
    near(grad(f)(f64([1.5, 0.5, -4])), [2, 0, 5]);
    near(grad((x: Tensor) => sum(mul(grad(f)(x), 1)))(f64([1.5, 0.5, -4])), [0, 0, 0]);
  });
});

describe('both thresholds', () => {
  it('take what is below 0 in a tensor for 0, as the others do: nothing grows', () => {
    const [x, t] = [f64([1, -2, 0]), f64([-1, -1, -1])];
    for (const y of [softThreshold(x, t), hardThreshold(x, t), elasticNet(x, t, t), groupLasso(x, f64(-1), 0)])
      near(y, [1, -2, 0], 0);
    for (const metric of ['paper', 'euclidean', 'separate', 'l0'] as const)
      for (const [step, gamma] of [
        [f64(-1), 1],
        [1, f64(-1)],
        [f64(-1), f64(-1)],
      ] as const)
        for (const y of Object.values(jointMask(x, x, { step, gamma, metric }))) near(y, [1, -2, 0], 0);
    near(grad((s: Tensor) => sum(softThreshold(x, s)))(f64([0, 0, 0])), [-1, 1, 0], 0);
  });

  const both = { softThreshold, hardThreshold };
  for (const [name, f] of Object.entries(both)) {
    it(`${name} keeps NaN, so that a broken gradient does not pass for a pruned mask`, () => {
      assert.deepEqual(values(f(f64([NaN, 2]), 1)).map(Number.isNaN), [true, false]);
    });
    it(`${name} refuses thresholds below 0 and arguments that are no tensors`, () => {
      for (const t of [-1, NaN, '1' as never, undefined as never])
        refuses(() => f(f64(1), t), kindFor(t), name, 'at least 0', String(t));
      refuses(() => f(3 as never, 1), TypeError, name, 'tensor', 'number 3');
      refuses(() => f(f64(1), -1), RangeError, `${name}: expected a threshold`);
      refuses(() => f(f64(1), tensor(1)), TypeError, `${name}: expected equal dtypes`, 'float64', 'float32');
      refuses(() => f(f64([1, 2]), f64([1, 2, 3])), RangeError, `${name}: expected a threshold`, '[2]', '[3]');
    });
  }
  it('agree where nothing is cut', () => {
    near(sub(softThreshold(f64([1, -2]), 0), hardThreshold(f64([1, -2]), 0)), [0, 0], 0);
  });
});
