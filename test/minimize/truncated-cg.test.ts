import assert from 'node:assert/strict';
import fc from 'fast-check';
import { neg, norm, solve, type Tensor } from 'bigrad';
import { truncatedCg } from '../../src/minimize/truncated-cg.js';
import { near } from '../support/close.js';
import { f64, tensors, value } from '../support/numbers.js';
import { times } from '../implicit/matrices.js';
import { bent, bowls, inner } from './problems.js';

const model = (a: Tensor, g: Tensor, p: Tensor): number => inner(g, p) + inner(p, times(a)(p)) / 2;

describe('truncatedCg', () => {
  it('solves with as many products as there are elements', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }).chain((n) => bowls(n)),
        ({ a, b: g }) => {
          let products = 0;
          const apply = (v: Tensor): Tensor => (products++, times(a)(v));
          const { p, hp, atRadius } = truncatedCg(apply, g, { radius: Infinity, target: 1e-9, maxSteps: 50 });
          near(p, neg(solve(a, g)), 1e-8);
          near(hp, times(a)(p), 1e-9);
          assert.ok(!atRadius && products <= g.size, `${products} products`);
        },
      ),
      { numRuns: 10 },
    );
  });

  it('stays within the radius, and goes down at least as far as the gradient does there', () => {
    fc.assert(
      fc.property(
        bowls(3),
        tensors([3]),
        fc.integer({ min: -40, max: 0 }),
        fc.integer({ min: 1, max: 20 }),
        (bowl, d, c, k) => {
          const [a, g, radius] = [bent(bowl.a, d, c), bowl.b, k / 10];
          const size = value(norm(g));
          fc.pre(size > 0);
          const { p, hp, atRadius } = truncatedCg(times(a), g, { radius, target: 1e-9, maxSteps: 50 });
          near(hp, times(a)(p), 1e-9);
          const length = value(norm(p));
          if (atRadius) near(length, radius, 1e-9);
          else assert.ok(length < radius);
          const curvature = inner(g, times(a)(g)) / size ** 2;
          const t = curvature > 0 ? Math.min(radius, size / curvature) : radius;
          assert.ok(model(a, g, p) <= -t * size + (t * t * curvature) / 2 + 1e-9);
          // Where it ends inside, the model has its minimum there.
          if (!atRadius) near(p, neg(solve(a, g)), 1e-6);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('ends at its target, after its last step, or with the gradient alone where H is no number', () => {
    const a = f64([
      [1, 0],
      [0, 100],
    ]);
    const g = f64([1, 1]);
    const p = (options: object) =>
      truncatedCg(times(a), g, { radius: Infinity, target: 1e-9, maxSteps: 9, ...options }).p;
    near(p({ target: 2 }), [0, 0]);
    near(p({ maxSteps: 1 }), [-2 / 101, -2 / 101], 1e-12);
    // Along (1, 1) there is no curvature: to the radius, or nowhere.
    const flat = (radius: number) =>
      truncatedCg(times(f64([[1, 0], [0, -1]])), g, { radius, target: 1e-9, maxSteps: 9 }); // prettier-ignore
    assert.deepEqual([Infinity, 2].map((radius) => flat(radius).atRadius), [false, true]); // prettier-ignore
    near([flat(Infinity).p, flat(Infinity).hp, flat(2).p], [0, 0, 0, 0, -Math.SQRT2, -Math.SQRT2], 1e-12);
    const broken = truncatedCg(() => f64([NaN, NaN]), f64([3, 4]), { radius: 10, target: 0, maxSteps: 9 });
    near([broken.p, broken.hp], [-6, -8, 0, 0], 1e-12);
  });
});
