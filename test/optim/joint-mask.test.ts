import assert from 'node:assert/strict';
import fc from 'fast-check';
import { cast, grad, leaves, mul, sum, type Tensor } from 'bigrad';
import { jointMask, type JointMaskOptions } from 'bigrad/optim';
import { f64, list, number } from '../support/numbers.js';
import { kindFor, refuses } from '../support/refuses.js';
import { near, values } from '../support/close.js';

const n = 4;
const masks = list(n, fc.oneof({ weight: 1, arbitrary: fc.constant(0) }, { weight: 5, arbitrary: number(-2, 2) }));
const sizes = fc.record({ step: number(0, 1), gamma: number(0, 1) });
const metrics = ['paper', 'euclidean', 'separate', 'l0'] as const;
const soft = (x: number, t: number): number => Math.sign(x) * Math.max(Math.abs(x) - t, 0);
const run = (ms: number[], mt: number[], options: JointMaskOptions): [number[], number[]] => {
  const got = jointMask(f64(ms), f64(mt), options);
  return [values(got.ms), values(got.mt)];
};

/** Equations 10 and 11 in plain numbers, per metric. */
function expected(m: number, other: number, { step, gamma, metric, onZero }: JointMaskOptions): number {
  const t = (step as number) * (gamma as number);
  if (metric === 'l0') return Math.abs(m) > Math.sqrt(2 * t) ? m : 0;
  if (metric === 'separate') return soft(m, t);
  if (metric === 'euclidean') return soft(m, t * Math.abs(other));
  return other === 0 ? (onZero === 'zero' ? 0 : m) : soft(m, t / Math.abs(other));
}

describe('jointMask', () => {
  const options = fc
    .tuple(sizes, fc.constantFrom(...metrics), fc.constantFrom('keep' as const, 'zero' as const))
    .map(([size, metric, onZero]) => ({ ...size, metric, onZero }));

  it('thresholds each mask by the other, old, one in every metric (jacobi)', () => {
    fc.assert(
      fc.property(masks, masks, options, (ms, mt, o) => {
        const got = run(ms, mt, o);
        near(
          got[0],
          ms.map((m, i) => expected(m, mt[i]!, o)),
        );
        near(
          got[1],
          mt.map((m, i) => expected(m, ms[i]!, o)),
        );
      }),
    );
  });

  it('thresholds mt by the new ms in the order of Gauss and Seidel', () => {
    fc.assert(
      fc.property(masks, masks, options, (ms, mt, o) => {
        const got = run(ms, mt, { ...o, order: 'gaussSeidel' });
        const fresh = ms.map((m, i) => expected(m, mt[i]!, o));
        near(got[0], fresh);
        near(
          got[1],
          mt.map((m, i) => expected(m, fresh[i]!, o)),
        );
      }),
    );
  });

  it("uses the paper's metric, keeps masks whose other is 0, and Jacobi's order by default", () => {
    fc.assert(
      fc.property(masks, masks, sizes, (ms, mt, size) => {
        near(run(ms, mt, size), run(ms, mt, { ...size, metric: 'paper', onZero: 'keep', order: 'jacobi' }), 0);
      }),
    );
  });

  it('keeps a mask whose other is 0, or sets it to 0, in the metric of the paper', () => {
    const given = { step: 1, gamma: 0.5 };
    assert.deepEqual(run([1, -2], [0, 2], given), [
      [1, -1.75],
      [0, 1.75],
    ]);
    assert.deepEqual(run([1, -2], [0, 2], { ...given, onZero: 'zero' }), [
      [0, -1.75],
      [0, 1.75],
    ]);
  });

  // What each metric says it minimises over x, with the other mask o and t = lr gamma.
  const objectives: [(typeof metrics)[number], string, (x: number, m: number, o: number, t: number) => number][] = [
    ['paper', 'o^2 (x - m)^2 / 2 + t |x o|', (x, m, o, t) => (o * o * (x - m) ** 2) / 2 + t * Math.abs(x * o)],
    ['euclidean', '(x - m)^2 / 2 + t |x o|', (x, m, o, t) => (x - m) ** 2 / 2 + t * Math.abs(x * o)],
    ['separate', '(x - m)^2 / 2 + t |x|', (x, m, _, t) => (x - m) ** 2 / 2 + t * Math.abs(x)],
    ['l0', '(x - m)^2 / 2 + t |x|_0', (x, m, _, t) => (x - m) ** 2 / 2 + t * Number(x !== 0)],
  ];
  for (const [metric, formula, objective] of objectives)
    it(`${metric}: gives the minimiser of ${formula}`, () => {
      const rivals = list(6, number(-3, 3));
      fc.assert(
        fc.property(
          masks,
          masks,
          sizes,
          fc.constantFrom('keep' as const, 'zero' as const),
          rivals,
          (ms, mt, s, onZero, others) => {
            const t = s.step * s.gamma;
            const check = (x: number, m: number, o: number): void => {
              for (const rival of [...others, 0, m, x + 1e-3, x - 1e-3])
                assert.ok(objective(x, m, o, t) <= objective(rival, m, o, t) + 1e-12);
            };
            const got = run(ms, mt, { ...s, metric, onZero });
            ms.forEach((m, i) => {
              check(got[0][i]!, m, mt[i]!);
              check(got[1][i]!, mt[i]!, m);
            });
          },
        ),
      );
    });

  it('never lets a mask grow or change its sign, whatever the sign of the other', () => {
    fc.assert(
      fc.property(
        masks,
        masks,
        options,
        fc.constantFrom('jacobi' as const, 'gaussSeidel' as const),
        (ms, mt, o, order) => {
          const got = run(ms, mt, { ...o, order });
          [ms, mt].forEach((old, which) => {
            got[which]!.forEach((m, i) => {
              assert.ok(Math.abs(m) <= Math.abs(old[i]!) && m * old[i]! >= 0);
            });
          });
          near(
            run(
              ms,
              mt.map((m) => -m),
              { ...o, order },
            )[0],
            got[0],
            0,
          );
        },
      ),
    );
  });

  it('is free of NaN for tiny, huge and zero masks in float32', () => {
    const extreme = [0, 1e-45, -1e-38, 1e-20, 1, -1e20, 3e38];
    const pairs = extreme.flatMap((a) => extreme.map((b) => [a, b]));
    const [ms, mt] = [0, 1].map((k) => cast(f64(pairs.map((p) => p[k]!)), 'float32')) as [Tensor, Tensor];
    for (const metric of metrics)
      for (const onZero of ['keep', 'zero'] as const)
        for (const order of ['jacobi', 'gaussSeidel'] as const)
          for (const gamma of [0, 1e-3, 1]) {
            const got = jointMask(ms, mt, { step: 0.1, gamma, metric, onZero, order });
            for (const x of [got.ms, got.mt]) assert.ok(values(x).every(Number.isFinite), `${metric}, ${onZero}`);
          }
  });

  it('takes trees; a mask whose other is absent is thresholded as if that were 1', () => {
    interface Masks {
      layers: ({ weight: Tensor; bias?: Tensor } | undefined)[];
    }
    const ms: Masks = { layers: [{ weight: f64([1, -0.05]), bias: f64([0.5]) }, undefined] };
    const mt: Masks = { layers: [{ weight: f64([0.5, 2]) }, { weight: f64([2, 0.01]) }] };
    for (const metric of ['paper', 'euclidean', 'separate'] as const) {
      const got = jointMask(ms, mt, { step: 0.5, gamma: 0.2, metric });
      near(got.ms.layers[0]!.bias!, [0.4]);
      near(got.mt.layers[1]!.weight, [1.9, 0]);
      assert.equal(got.ms.layers[1], undefined);
      assert.equal('bias' in got.mt.layers[0]!, false);
    }
    near(jointMask(ms, mt, { step: 0.5, gamma: 0.2 }).ms.layers[0]!.weight, [0.8, 0]);
  });

  it('takes step and gamma as tensors, so that they may decay, and can be differentiated in them', () => {
    fc.assert(
      fc.property(masks, masks, sizes, (ms, mt, { step, gamma }) => {
        near(jointMask(f64(ms), f64(mt), { step: f64(step), gamma: f64(gamma) }).ms, run(ms, mt, { step, gamma })[0]);
      }),
      { numRuns: 20 },
    );
    const total = (gamma: Tensor): Tensor =>
      sum(mul(jointMask(f64([2, -3, 0.01]), f64([1, -4, 1]), { step: 0.1, gamma }).ms, f64([1, 10, 100])));
    near(grad(total)(f64(1)), -0.1 + (10 * 0.1) / 4);
  });

  it('has finite derivatives in both masks and gamma where masks are 0', () => {
    const all = { ms: f64([1, 0, 0, 2]), mt: f64([0, 1, 0, 3]), gamma: f64(0.5) };
    for (const metric of ['paper', 'euclidean', 'separate'] as const)
      for (const onZero of ['keep', 'zero'] as const) {
        const d = grad(({ ms, mt, gamma }: typeof all) => {
          const got = jointMask(ms, mt, { step: 0.1, gamma, metric, onZero });
          return sum(mul(got.ms, got.mt));
        })(all);
        assert.ok(leaves(d).flatMap(values).every(Number.isFinite), `${metric}, ${onZero}`);
      }
  });

  it('refuses hyper-parameters out of range, unknown words, and trees that do not fit', () => {
    const [m, good] = [f64([1, 2]), { step: 0.1, gamma: 0.1 }];
    for (const name of ['step', 'gamma'])
      for (const bad of [-1, NaN, Infinity, '1', undefined])
        refuses(() => jointMask(m, m, { ...good, [name]: bad }), kindFor(bad), 'jointMask', name, String(bad));
    for (const name of ['step', 'gamma'])
      refuses(() => jointMask(m, m, { ...good, [name]: m }), RangeError, 'jointMask:', name, 'scalar', '[2]');
    const single = cast(m, 'float32');
    refuses(() => jointMask(m, single, good), TypeError, 'jointMask:', 'float64', 'float32');
    refuses(() => jointMask(single, single, { ...good, step: f64(1) }), TypeError, 'jointMask:', 'float64', 'float32');
    for (const name of ['metric', 'onZero', 'order'])
      for (const bad of ['fast', 3])
        refuses(
          () => jointMask(m, m, { ...good, [name]: bad }),
          typeof bad === 'string' ? RangeError : TypeError,
          'jointMask',
          name,
          ' or ',
          String(bad),
        );
    refuses(() => jointMask(m, f64([[1, 2]]), good), RangeError, 'jointMask', 'equal shapes', '[2]', '[1,2]');
    refuses(() => jointMask({ a: m }, { a: [m] }, good), TypeError, 'jointMask', 'one structure', '.a');
  });
});
