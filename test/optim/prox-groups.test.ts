import assert from 'node:assert/strict';
import fc from 'fast-check';
import { grad, reshape, sum, transpose, type Tensor } from 'bigrad';
import { elasticNet, groupLasso, projectBox, projectL2Ball, softThreshold } from 'bigrad/optim';
import { checkGrads } from 'bigrad/testing';
import { f64, list, number, wave } from '../support/numbers.js';
import { dot, firmness, floats, minus, norm, onLists, plus, slack } from './vectors.js';
import { kindFor, refuses } from '../support/refuses.js';
import { near, values } from '../support/close.js';

const n = 4;
const points = list(n, number(-3, 3));
const thresholds = number(0, 2);
const oneGroup = (x: Tensor, t: number): Tensor => groupLasso(x, t, 0);
const sumOfAbs = (p: number[]): number => p.reduce((s, v) => s + Math.abs(v), 0);

interface Operator {
  f: (x: Tensor, t: number) => Tensor;
  penalty: (p: number[], t: number) => number;
  /** How far (x - p) is from the subgradients of the penalty at p. */
  residual: (x: number[], p: number[], t: number) => number;
}
const l2 = 0.75;
const operators: Record<string, Operator> = {
  softThreshold: {
    f: softThreshold,
    penalty: (p, t) => t * sumOfAbs(p),
    residual: (x, p, t) =>
      Math.max(...p.map((v, i) => (v === 0 ? Math.abs(x[i]!) - t : Math.abs(x[i]! - v - t * Math.sign(v))))),
  },
  elasticNet: {
    f: (x, t) => elasticNet(x, t, l2),
    penalty: (p, t) => t * sumOfAbs(p) + (l2 / 2) * dot(p, p),
    residual: (x, p, t) =>
      Math.max(...p.map((v, i) => (v === 0 ? Math.abs(x[i]!) - t : Math.abs(x[i]! - v - t * Math.sign(v) - l2 * v)))),
  },
  groupLasso: {
    f: oneGroup,
    penalty: (p, t) => t * norm(p),
    residual: (x, p, t) => (norm(p) === 0 ? norm(x) - t : norm(minus(minus(x, p), plus([0, 0, 0, 0], p, t / norm(p))))),
  },
};

for (const [name, { f, penalty, residual }] of Object.entries(operators))
  for (const dtype of floats)
    describe(`${name} in ${dtype}`, () => {
      const error = 20 * slack[dtype];
      const at = (x: number[], t: number): number[] => onLists((v) => f(v, t), dtype)(x);
      const objective = (p: number[], x: number[], t: number): number =>
        dot(minus(p, x), minus(p, x)) / 2 + penalty(p, t);

      it('meets its optimality condition: x - p is a subgradient of the penalty at p', () => {
        fc.assert(
          fc.property(points, thresholds, (x, t) => {
            assert.ok(residual(x, at(x, t), t) <= error);
          }),
        );
      });

      it('is firmly non-expansive', () => {
        fc.assert(
          fc.property(points, points, thresholds, (x, y, t) => {
            assert.ok(firmness(x, y, at(x, t), at(y, t)) >= -error);
          }),
        );
      });

      it('beats every perturbation of its result, and 0 and x, in |p - x|^2 / 2 + penalty', () => {
        fc.assert(
          fc.property(points, thresholds, points, number(0, 1), (x, t, direction, size) => {
            const best = objective(at(x, t), x, t);
            for (const rival of [
              plus(at(x, t), direction, size),
              plus(at(x, t), direction, size / 1000),
              x,
              [0, 0, 0, 0],
            ])
              assert.ok(best <= objective(rival, x, t) + error);
          }),
        );
      });

      it('is exactly 0 below its threshold and at zero, keeps NaN, and is odd', () => {
        near(at([0, 0, 0, 0], 1), [0, 0, 0, 0], 0);
        near(at([0, 0, 0, 0], 0), [0, 0, 0, 0], 0);
        near(at([0.1, -0.2, 0.3, 0.1], 1), [0, 0, 0, 0], 0);
        near(at([1, 2, -3, 4], Infinity), [0, 0, 0, 0], 0);
        assert.ok(Number.isNaN(at([NaN, 1, 1, 1], 0.1)[0]!));
        near(
          at([1, -2, 3, 0], 0.5),
          at([-1, 2, -3, 0], 0.5).map((v) => -v),
          0,
        );
      });
    });

describe('the identity of Moreau', () => {
  it('softThreshold and the projection onto |y| <= t, the ball of the largest element, add up to x', () => {
    fc.assert(
      fc.property(points, number(0.1, 2), (x, t) => {
        near(plus(values(softThreshold(f64(x), t)), values(projectBox(f64(x), -t, t))), x);
      }),
    );
  });

  it('groupLasso and the projection onto the ball of radius t add up to x', () => {
    fc.assert(
      fc.property(points, number(0.1, 2), (x, t) => {
        near(plus(values(oneGroup(f64(x), t)), values(projectL2Ball(f64(x), t))), x);
      }),
    );
  });

  it('elasticNet and the operator of its conjugate, (|y| - t)+^2 / (2 l2), add up to x', () => {
    // argmin (q - x)^2 / 2 + (|q| - t)+^2 / (2 l2) in plain numbers
    const conjugate = (x: number, t: number, k: number): number =>
      Math.abs(x) <= t ? x : (Math.sign(x) * (k * Math.abs(x) + t)) / (k + 1);
    fc.assert(
      fc.property(points, thresholds, number(0.1, 3), (x, t, k) => {
        near(
          plus(
            values(elasticNet(f64(x), t, k)),
            x.map((v) => conjugate(v, t, k)),
          ),
          x,
        );
      }),
    );
  });
});

describe('elasticNet', () => {
  it('is softThreshold for l2 = 0, and x / (1 + l2) for t = 0', () => {
    fc.assert(
      fc.property(points, thresholds, number(0, 3), (x, t, k) => {
        near(elasticNet(f64(x), t, 0), softThreshold(f64(x), t), 0);
        near(
          elasticNet(f64(x), 0, k),
          x.map((v) => v / (1 + k)),
        );
      }),
    );
  });

  it('takes tensors for both weights, and can be differentiated in all three', () => {
    near(elasticNet(f64([3, -3]), f64([1, 2]), f64([1, 0])), [1, -1]);
    checkGrads(
      (x: Tensor, t: Tensor, k: Tensor) => elasticNet(x, t, k),
      [f64([2, -1.5, 0.2]), f64([1, 0.5, 0.7]), f64(0.6)],
    );
  });
});

describe('groupLasso', () => {
  const byRows = (x: number[][], t: number): number[][] =>
    x.map((row) => row.map((v) => v * Math.max(1 - t / (norm(row) || Infinity), 0)));

  it('shrinks each row by t, rows below t to 0', () => {
    fc.assert(
      fc.property(
        fc.array(list(3, fc.oneof(fc.constant(0), number())), { minLength: 1, maxLength: 4 }),
        thresholds,
        (x, t) => {
          near(groupLasso(f64(x), t), byRows(x, t));
          near(groupLasso(transpose(f64(x)), t, 0), transpose(f64(byRows(x, t))));
          near(groupLasso(f64(x), t, [-1]), byRows(x, t));
        },
      ),
    );
  });

  it('takes the filters of a convolution as groups, or whatever axes are given', () => {
    const w = wave([3, 2, 2, 2]);
    near(groupLasso(w, 0.5), groupLasso(reshape(w, [3, 8]), 0.5));
    const whole = values(groupLasso(w, 0.5, [0, 1, 2, 3]));
    near(
      whole,
      values(w).map((v) => v * (1 - 0.5 / norm(values(w)))),
    );
    assert.deepEqual(groupLasso(w, 0.5).shape, [3, 2, 2, 2]);
  });

  it('takes the elements of a vector, and a scalar, as groups of one: softThreshold', () => {
    fc.assert(
      fc.property(points, thresholds, (x, t) => {
        near(groupLasso(f64(x), t), softThreshold(f64(x), t));
        near(groupLasso(f64(x[0]!), t), softThreshold(f64(x[0]!), t));
      }),
    );
  });

  it('takes a threshold per group', () => {
    near(
      groupLasso(
        f64([
          [3, 4],
          [3, 4],
        ]),
        f64([[1], [10]]),
      ),
      [2.4, 3.2, 0, 0],
    );
  });

  it('can be differentiated in x and t away from the kink, at zero rows too', () => {
    const x = f64([
      [2, -1.5, 1],
      [0.1, 0.2, -0.1],
      [0, 0, 0],
    ]);
    checkGrads((v: Tensor, t: Tensor) => groupLasso(v, t), [x, f64(0.7)]);
    assert.ok(values(grad((v: Tensor) => sum(groupLasso(v, 0)))(f64([[0, 0]]))).every(Number.isFinite));
  });

  it('keeps groups whose squares overflow or vanish', () => {
    near(
      values(
        groupLasso(
          f64([
            [3e200, 4e200],
            [3e-200, 4e-200],
          ]),
          f64([[1e200], [1e-200]]),
        ),
      ).map((v, i) => v / (i < 2 ? 1e200 : 1e-200)),
      [2.4, 3.2, 2.4, 3.2],
    );
    near(groupLasso(f64([[Infinity, 1]]), 1).readSync()[1]!, 1);
  });
});

describe('elasticNet and groupLasso refuse', () => {
  const bads = [-1, NaN, '1' as never, undefined as never, null as never];
  it('weights below 0, and what is no tensor', () => {
    for (const bad of bads) {
      refuses(() => elasticNet(f64(1), bad, 1), kindFor(bad), 'elasticNet:', 'at least 0', String(bad));
      refuses(() => elasticNet(f64(1), 1, bad), kindFor(bad), 'elasticNet:', 'at least 0', String(bad));
      refuses(() => groupLasso(f64(1), bad), kindFor(bad), 'groupLasso:', 'at least 0', String(bad));
    }
    refuses(() => elasticNet([1] as never, 1, 1), TypeError, 'elasticNet:', 'tensor', 'array');
    refuses(() => groupLasso(undefined as never, 1), TypeError, 'groupLasso:', 'tensor', 'undefined');
  });
  it('thresholds for each element of a group', () => {
    const square = f64([
      [1, 2],
      [3, 4],
    ]);
    refuses(() => groupLasso(square, square), RangeError, 'groupLasso: expected a threshold for each group', '[2,1]');
  });
  it('axes that are not there', () => {
    refuses(() => groupLasso(f64([1, 2]), 1, 3), RangeError, 'groupLasso:', '3');
    refuses(() => groupLasso(f64([1, 2]), 1, [0, 0]), RangeError, 'groupLasso:', '0');
  });
});
