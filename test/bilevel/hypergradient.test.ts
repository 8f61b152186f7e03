import assert from 'node:assert/strict';
import { mul, reference, square, sub, sum, tensor, type Tensor } from 'bigrad';
import { hypergradient, unroll, type Mode } from 'bigrad/bilevel';
import { near } from '../support/close.js';
import { f64 } from '../support/numbers.js';
import { refuses } from '../support/refuses.js';

// Both levels are quadratic, l = (theta - ms)^2 / 2 and u = (theta - mt)^2 / 2, so that one step of
// rate r gives theta_1 = theta - r (theta - ms), and every derivative is known by hand.
const half = (x: Tensor): Tensor => mul(sum(square(x)), 0.5);
const problem = {
  lower: (theta: Tensor, ms: Tensor, _: null) => [half(sub(theta, ms)), 'below'] as const,
  upper: (theta: Tensor, { mt }: { ms: Tensor; mt: Tensor }, _: null) => [half(sub(theta, mt)), 'above'] as const,
  learningRate: 0.1,
};
const [theta, ms, mt, r] = [3, 1, 2, 0.1];
const solve = (mode: Mode, p: number, more: object = {}) =>
  hypergradient({ ...problem, mode, ...more })(
    f64(theta),
    { ms: f64(ms), mt: f64(mt) },
    { lower: new Array<null>(p).fill(null), upper: null },
  );
/** The weight after p steps. */
const after = (p: number): number => ms + (theta - ms) * (1 - r) ** p;

describe('the hypergradient of two quadratics', () => {
  it('follows as many of the last steps as its mode says', () => {
    const p = 3;
    const through = (steps: number): number => (after(p) - mt) * (1 - (1 - r) ** steps);
    near(solve('exact', p).dMs, through(p));
    near(solve({ truncated: 2 }, p).dMs, through(2));
    near(solve({ truncated: 9 }, p).dMs, through(p));
    near(solve('paper', p).dMs, through(1));
    near(solve('firstOrder', p).dMs, 0);
    near(solve('summed', p).dMs, (after(p) - mt) * r * p);
  });

  it('comes with the weights, losses and norms at the end', () => {
    const { value, theta: end, dTheta, dMs, dMt, ms: masks, aux, stats } = solve('exact', 2);
    const error = after(2) - mt;
    near(value, error ** 2 / 2);
    near(end, after(2));
    near(dTheta, error);
    near(dMt, -error);
    near(masks, ms, 0);
    assert.deepEqual(aux, { lower: ['below', 'below'], upper: 'above' });
    near(stats.norms.dTheta, Math.abs(error));
    near(stats.norms.dMt, Math.abs(error));
    near(stats.norms.dMs, dMs);
    near(stats.norms.mixed, dMs);
  });

  it('moves the masks below where told so, at the rate of the weights or their own', () => {
    near(solve('exact', 1, { lowerMask: true }).ms, ms + r * (theta - ms));
    near(solve('exact', 1, { lowerMask: 0.5 }).ms, ms + 0.5 * (theta - ms));
    near(solve('exact', 1, { lowerMask: false }).ms, ms, 0);
  });

  it('follows masks that move through every step', () => {
    // (theta, ms) of one step is a matrix times that of the step before.
    const [p, q] = [3, 0.3];
    let [weight, mask, byMask, own] = [theta, ms, 0, 1];
    for (let t = 0; t < p; t++) {
      [weight, mask] = [weight + r * (mask - weight), mask + q * (weight - mask)];
      [byMask, own] = [byMask + r * (own - byMask), own + q * (byMask - own)];
    }
    const got = solve('exact', p, { lowerMask: q });
    near(got.theta, weight);
    near(got.ms, mask);
    near(got.dMs, (weight - mt) * byMask);
  });

  it('takes a rate of 0, at which nothing moves', () => {
    const got = solve('exact', 2, { learningRate: 0, lowerMask: 0 });
    near([got.theta, got.ms, got.dMs], [theta, ms, 0], 0);
  });

  it('takes a rate of another dtype', () => {
    const { theta: end } = solve('exact', 1, { learningRate: tensor(0.5) });
    assert.equal(end.dtype, 'float64');
    near(end, ms + (theta - ms) / 2);
  });

  it('has no masks to move in a tree without any', () => {
    const bare = hypergradient({
      lower: (w: Tensor, _: object) => [half(w), null] as const,
      upper: (w: Tensor) => [half(w), null] as const,
      learningRate: 0.1,
      lowerMask: true,
    })(f64(theta), { ms: {}, mt: {} }, { lower: [null], upper: null });
    near(bare.theta, theta * 0.9);
    assert.deepEqual(bare.dMs, {});
  });
});

describe('hypergradient refuses by name', () => {
  const batches = { lower: [null], upper: null };
  const run = (w: unknown, masks: unknown, data: unknown = batches) =>
    hypergradient(problem)(w as Tensor, masks as never, data as never);
  const masks = { ms: f64(ms), mt: f64(mt) };
  const cycle: unknown[] = [];
  cycle.push(cycle);
  class Holder {
    readonly w = f64(1);
  }
  const calls: Record<string, [() => unknown, typeof RangeError | typeof TypeError, ...string[]]> = {
    'masks that are no object': [() => run(f64(1), 3), TypeError, 'masks { ms, mt }', 'number 3'],
    'masks that are null': [() => run(f64(1), null), TypeError, 'masks { ms, mt }', 'null'],
    'batches that are null': [() => run(f64(1), masks, null), TypeError, 'batches { lower, upper }', 'null'],
    'batches with holes': [
      () => run(f64(1), masks, { lower: new Array(1), upper: null }),
      TypeError,
      'lower batches without holes',
    ],
    'weights without floats': [
      () => run({ w: tensor(1, { dtype: 'int32' }) }, masks),
      TypeError,
      'at least one tensor of floats',
    ],
    'weights of no tree': [() => run(new Holder(), masks), TypeError, 'Holder'],
    'masks of no tree': [() => run(f64(1), { ms: new Holder(), mt: f64(1) }), TypeError, 'Holder'],
    'masks of another dtype': [() => run(f64(1), { ms: tensor(1), mt: f64(1) }), TypeError, 'float64 and float32'],
    'masks on another device': [
      () => run(f64(1), { ms: f64(1), mt: tensor(1, { dtype: 'float64', device: reference }) }),
      TypeError,
      'one device',
    ],
    'batches that contain themselves': [
      () => run(f64(1), masks, { lower: [cycle], upper: null }),
      TypeError,
      '1000 levels',
    ],
    'a rate of integers': [
      () => hypergradient({ ...problem, learningRate: tensor(1, { dtype: 'int32' }) }),
      RangeError,
      'learningRate to be a scalar tensor or a number of at least 0',
      'int32 []',
    ],
    'a rate of masks that is a list': [
      () => hypergradient({ ...problem, lowerMask: [] as never }),
      TypeError,
      'lowerMask to be a boolean or a scalar tensor or a number',
      'an array',
    ],
    'a truncation with other options': [
      () => hypergradient({ ...problem, mode: { truncated: 1, more: 2 } as never }),
      TypeError,
      'no options but truncated',
    ],
    'a lower loss of integers': [
      () =>
        hypergradient({ ...problem, lower: () => [tensor(1, { dtype: 'int32' }), null] as const })(
          f64(1),
          masks,
          batches,
        ),
      TypeError,
      'lower to return a scalar loss',
      'int32 []',
    ],
    'an upper loss of integers': [
      () =>
        hypergradient({ ...problem, upper: () => [tensor(1, { dtype: 'int32' }), null] as const })(
          f64(1),
          masks,
          batches,
        ),
      TypeError,
      'upper to return a scalar loss',
      'int32 []',
    ],
  };
  for (const [what, [call, kind, ...words]] of Object.entries(calls))
    it(what, () => {
      refuses(call, kind, 'hypergradient: expected', ...words);
    });
});

describe('unroll refuses by name', () => {
  const cycle: unknown[] = [];
  cycle.push(cycle);
  it('counts, states and options that are none', () => {
    refuses(() => unroll((s) => s, 0, -1), RangeError, 'unroll: expected the number of steps');
    refuses(() => unroll((s) => s, cycle, 1), TypeError, 'unroll: expected a tree of at most 1000 levels');
    for (const checkpoint of [true, false])
      refuses(() => unroll((s) => s, cycle, 1, { checkpoint }), TypeError, 'unroll: expected a tree of at most');
    refuses(() => unroll((s) => s, 0, 1, { checkpoint: 'yes' as never }), TypeError, 'unroll: expected checkpoint');
  });
});
