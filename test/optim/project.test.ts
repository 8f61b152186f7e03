import assert from 'node:assert/strict';
import fc from 'fast-check';
import { cast, reshape, tensor, zeros, type DType, type Tensor } from 'bigrad';
import { projectBox, projectL2Ball, projectNonNegative, projectSimplex } from 'bigrad/optim';
import { checkGrads } from 'bigrad/testing';
import { f64, list, number } from '../support/numbers.js';
import { dot, firmness, floats, minus, norm, onLists, plus, slack } from './vectors.js';
import { kindFor, refuses } from '../support/refuses.js';
import { near, values } from '../support/close.js';

/** A threshold is searched for in many steps, each of which is an op. */
const few = { numRuns: 30 };

const n = 5;
const points = list(n, number(-3, 3));
const total = (x: number[]): number => x.reduce((s, v) => s + v, 0);

interface Projection {
  f: (x: Tensor, size: number) => Tensor;
  /** A point of the set nearby: any list of numbers turned into one. */
  member: (x: number[], size: number) => number[];
  /** How far outside the set a point lies. */
  outside: (x: number[], size: number) => number;
}
const projections: Record<string, Projection> = {
  projectBox: {
    f: (x, size) => projectBox(x, -size / 2, size),
    member: (x, size) => x.map((v) => -size / 2 + (1.5 * size * (v + 3)) / 6),
    outside: (x, size) => Math.max(...x.map((v) => Math.max(v - size, -size / 2 - v))),
  },
  projectNonNegative: {
    f: (x) => projectNonNegative(x),
    member: (x) => x.map(Math.abs),
    outside: (x) => Math.max(...x.map((v) => -v)),
  },
  projectL2Ball: {
    f: projectL2Ball,
    member: (x, size) => x.map((v) => (v * size) / Math.max(norm(x), 3)),
    outside: (x, size) => norm(x) - size,
  },
  projectSimplex: {
    f: projectSimplex,
    member: (x, size) => x.map((v) => (size * (Math.abs(v) + 0.1)) / total(x.map((u) => Math.abs(u) + 0.1))),
    outside: (x, size) => Math.max(Math.abs(total(x) - size), ...x.map((v) => -v)),
  },
};

for (const [name, { f, member, outside }] of Object.entries(projections))
  for (const dtype of floats)
    describe(`${name} in ${dtype}`, () => {
      const sizes = number(0.1, 4);
      const error = 20 * slack[dtype];
      const at = (x: number[], size: number): number[] => onLists((t) => f(t, size), dtype)(x);

      it('gives a point of its set', () => {
        fc.assert(
          fc.property(points, sizes, (x, size) => {
            assert.ok(outside(at(x, size), size) <= error);
          }),
          name === 'projectSimplex' ? few : {},
        );
      });

      it('leaves points of the set where they are, so it is idempotent', () => {
        fc.assert(
          fc.property(points, sizes, (x, size) => {
            const inside = member(x, size);
            assert.ok(outside(inside, size) <= error, 'the member of this test');
            near(at(inside, size), inside, error);
            near(at(at(x, size), size), at(x, size), error);
          }),
          name === 'projectSimplex' ? few : {},
        );
      });

      it('meets the variational inequality: <x - p, y - p> <= 0 for every y in the set', () => {
        fc.assert(
          fc.property(points, points, sizes, (x, y, size) => {
            const p = at(x, size);
            assert.ok(dot(minus(x, p), minus(member(y, size), p)) <= error);
          }),
          name === 'projectSimplex' ? few : {},
        );
      });

      it('is nearer to x than any other point of the set', () => {
        fc.assert(
          fc.property(points, points, sizes, number(0, 1), (x, y, size, share) => {
            const p = at(x, size);
            const other = plus(p, minus(member(y, size), p), share);
            assert.ok(norm(minus(x, p)) <= norm(minus(x, other)) + error);
          }),
          name === 'projectSimplex' ? few : {},
        );
      });

      it('is firmly non-expansive', () => {
        fc.assert(
          fc.property(points, points, sizes, (x, y, size) => {
            assert.ok(firmness(x, y, at(x, size), at(y, size)) >= -error);
          }),
          name === 'projectSimplex' ? few : {},
        );
      });

      it('keeps shape and dtype, and is finite at zeros', () => {
        for (const shape of [[1], [3], [2, 3]]) {
          const x = zeros(shape, { dtype });
          const p = f(x, 2);
          assert.deepEqual([p.shape, p.dtype], [shape, dtype]);
          assert.ok(values(p).every(Number.isFinite));
        }
      });
    });

describe('projectL2Ball', () => {
  it('shrinks along the ray, and to the surface', () => {
    near(projectL2Ball(f64([[3], [4]])), [0.6, 0.8]);
    near(projectL2Ball(f64([3, 4]), 10), [3, 4], 0);
    near(projectL2Ball(f64([0, 0]), 0.5), [0, 0], 0);
  });

  it('holds for sizes whose squares overflow or vanish', () => {
    const cases: [DType, number][] = [
      ['float32', 1e30],
      ['float32', 1e-30],
      ['float64', 1e200],
      ['float64', 1e-200],
    ];
    for (const [dtype, size] of cases) {
      const p = projectL2Ball(cast(f64([3 * size, 4 * size]), dtype), size);
      near(
        values(p).map((v) => v / size),
        [0.6, 0.8],
        1e-6,
      );
    }
  });

  it('can be differentiated inside and outside, and at zero', () => {
    for (const x of [
      [0.1, 0.2],
      [2, -1],
      [0, 0],
    ])
      checkGrads((t: Tensor) => projectL2Ball(t), [f64(x)]);
  });
});

describe('projectSimplex', () => {
  /** By sorting (Held, Wolfe and Crowder 1974). */
  const bySorting = (x: number[], radius: number): number[] => {
    const sorted = [...x].sort((a, b) => b - a);
    let sum = 0;
    let tau = 0;
    sorted.forEach((v, i) => {
      sum += v;
      if (v > (sum - radius) / (i + 1)) tau = (sum - radius) / (i + 1);
    });
    return x.map((v) => Math.max(v - tau, 0));
  };

  it('is what sorting finds, row by row, for any radius', () => {
    const rows = fc
      .integer({ min: 1, max: 7 })
      .chain((k) => fc.array(list(k, number(-3, 3)), { minLength: 1, maxLength: 4 }));
    fc.assert(
      fc.property(rows, number(0.1, 20), (x, radius) => {
        near(
          projectSimplex(f64(x), radius),
          x.map((row) => bySorting(row, radius)),
        );
        near(
          projectSimplex(f64([x]), radius),
          x.map((row) => bySorting(row, radius)),
        );
      }),
      few,
    );
  });

  it('meets the conditions of Karush, Kuhn and Tucker: x - p is one tau where p > 0, and at most tau where p is 0', () => {
    fc.assert(
      fc.property(points, number(0.1, 4), (x, radius) => {
        const p = values(projectSimplex(f64(x), radius));
        const tau = Math.max(...minus(x, p));
        p.forEach((v, i) => {
          if (v > 1e-12) near(x[i]! - v, tau);
          else assert.ok(x[i]! <= tau + 1e-12);
        });
        near(total(p), radius);
      }),
      few,
    );
  });

  it('works along the last axis, whatever the rank', () => {
    const rows = [
      [3, 1],
      [0.5, 0.25],
      [-1, 0],
      [2, 2],
    ];
    const each = rows.flatMap((row) => values(projectSimplex(f64(row))));
    assert.deepEqual(values(projectSimplex(reshape(f64(rows), [2, 2, 2]))), each);
  });

  it('does not change when a row is shifted', () => {
    fc.assert(
      fc.property(points, number(-100, 100), (x, shift) => {
        near(projectSimplex(f64(plus(x, [1, 1, 1, 1, 1], shift))), projectSimplex(f64(x)));
      }),
      few,
    );
  });

  it('gives the radius to a single element, and equal parts to equal elements', () => {
    near(projectSimplex(f64([[-7], [0], [1e9]]), 3), [3, 3, 3]);
    for (const v of [-1e6, 0, 0.3, 1e6]) near(projectSimplex(f64([v, v, v, v]), 2), [0.5, 0.5, 0.5, 0.5]);
  });

  it('gives all to the largest where the spread is huge, in float32 too', () => {
    for (const dtype of floats)
      for (const big of [1e3, 1e10, 1e30, dtype === 'float32' ? 3e38 : 1e308])
        near(
          projectSimplex(
            tensor(
              [
                [big, 0, -big],
                [-big, -big, -big / 2],
              ],
              { dtype },
            ),
          ),
          [1, 0, 0, 0, 0, 1],
          0,
        );
    near(projectSimplex(tensor([1e10, 1e10, 0])), [0.5, 0.5, 0], 0);
    near(projectSimplex(tensor([0.5, 0.5, -Infinity])), [0.5, 0.5, 0], 0);
    near(projectSimplex(tensor([1e-30, 0]), 1e-30), [1e-30, 0], 1e-36);
  });

  it('can be differentiated where the set of positive elements does not change', () => {
    const x = f64([
      [0.5, 0.3, -2],
      [3, 0.1, 0.4],
      [0.2, 0.25, 0.3],
    ]);
    for (const radius of [1, 0.7]) checkGrads((t: Tensor) => projectSimplex(t, radius), [x]);
  });
});

describe('projectBox and projectNonNegative', () => {
  it('limit element by element; equal limits leave one point', () => {
    near(projectBox(f64([-2, 0.5, 2]), -1, 1), [-1, 0.5, 1], 0);
    near(projectBox(f64([-2, 2]), 0.5, 0.5), [0.5, 0.5], 0);
    near(projectBox(f64([-2, 2]), -Infinity, Infinity), [-2, 2], 0);
    near(projectNonNegative(f64([[-2, 0, 3]])), [0, 0, 3], 0);
  });
  it('can be differentiated away from the limits', () => {
    checkGrads((x: Tensor) => projectBox(x, -1, 1), [f64([-2, 0.5, 2])]);
    checkGrads((x: Tensor) => projectNonNegative(x), [f64([-2, 0.5, 2])]);
  });
});

describe('projections', () => {
  it('keep NaN', () => {
    for (const { f } of Object.values(projections)) assert.ok(Number.isNaN(values(f(f64([NaN, 2]), 1))[0]!));
  });
  it('refuse what is no tensor', () => {
    for (const [name, { f }] of Object.entries(projections))
      refuses(() => f(3 as never, 1), TypeError, `${name}:`, 'tensor', 'number 3');
  });
  it('refuse radii that are no finite numbers above 0', () => {
    for (const [name, f] of Object.entries({ projectL2Ball, projectSimplex }))
      for (const bad of [0, -1, NaN, Infinity, '1' as never, null as never])
        refuses(() => f(f64([1, 2]), bad), kindFor(bad), `${name}:`, 'radius above 0', String(bad));
  });
  it('refuse limits out of order, and rows without elements', () => {
    refuses(() => projectBox(f64(1), 0, undefined as never), TypeError, 'projectBox:', 'numbers for limits');
    refuses(() => projectBox(f64(1), 1, 0), RangeError, 'projectBox:', 'lo <= hi', '1 and 0');
    refuses(() => projectBox(f64(1), NaN, 0), RangeError, 'projectBox:', 'NaN and 0');
    refuses(() => projectBox(f64(1), 0, undefined as never), TypeError, 'projectBox:', '0 and undefined');
    refuses(() => projectSimplex(f64(1)), RangeError, 'projectSimplex:', 'at least one element', '[]');
    for (const shape of [[0], [2, 3, 0]])
      refuses(() => projectSimplex(zeros(shape)), RangeError, 'projectSimplex:', 'at least one element');
    assert.deepEqual(projectSimplex(zeros([2, 0, 3])).shape, [2, 0, 3]);
    refuses(() => projectSimplex(tensor([[], []])), RangeError, 'projectSimplex:', 'at least one element', '[2,0]');
  });
});
