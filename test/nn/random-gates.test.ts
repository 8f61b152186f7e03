import assert from 'node:assert/strict';
import fc from 'fast-check';
import { add, cast, full, grad, mul, randomKey, randomUniform, sum, type Tensor } from 'bigrad';
import { applyMasks, hardConcrete, linear, masked, straightThrough, type Gate } from 'bigrad/nn';
import { checkGrads } from 'bigrad/testing';
import { f64, list, number, value, wave } from '../support/numbers.js';
import { kindFor, refuses } from '../support/refuses.js';
import { near, values } from '../support/close.js';

const key = randomKey(5);
const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const clip = (x: number): number => Math.min(1, Math.max(0, x));
const options = fc.record({
  temperature: number(0.2, 2),
  low: number(-0.5, -0.05),
  high: number(1.05, 1.5),
});
const masks = number(-6, 6);

describe('hardConcrete', () => {
  it('without a key is sigmoid(m), stretched and cut', () => {
    fc.assert(
      fc.property(masks, options, (m, o) => {
        near(hardConcrete(o)(f64(m)), clip(sigmoid(m) * (o.high - o.low) + o.low));
        near(hardConcrete()(f64(m)), clip(sigmoid(m) * 1.2 - 0.1));
      }),
    );
    near(hardConcrete()(f64([-1e4, 0, 1e4])), [0, 0.5, 1], 1e-12);
  });

  it('with a key adds the log-odds of a uniform number to m first', () => {
    fc.assert(
      fc.property(list(4, masks), options, fc.integer(), (m, o, seed) => {
        const u = values(randomUniform(randomKey(seed), [4], { dtype: 'float64' }));
        const s = m.map((v, i) => sigmoid((Math.log(u[i]!) - Math.log(1 - u[i]!) + v) / o.temperature));
        near(
          hardConcrete(o)(f64(m), randomKey(seed)),
          s.map((v) => clip(v * (o.high - o.low) + o.low)),
        );
      }),
    );
  });

  it('has temperature 2/3 by default', () => {
    const m = f64([-1, 0, 0.5]);
    near(hardConcrete()(m, randomKey(1)), hardConcrete({ temperature: 2 / 3 })(m, randomKey(1)), 0);
  });

  it('with a key is exactly 0 and exactly 1 as often as the distribution says', () => {
    const count = 4000;
    fc.assert(
      fc.property(number(-3, 3), options, fc.integer(), (m, o, seed) => {
        const z = values(hardConcrete(o)(full([count], m, { dtype: 'float64' }), randomKey(seed)));
        assert.ok(z.every((v) => v >= 0 && v <= 1));
        // P(s (high - low) + low <= c) = sigmoid(temperature log((c - low) / (high - c)) - m)
        const below = (c: number): number => sigmoid(o.temperature * Math.log((c - o.low) / (o.high - c)) - m);
        const share = (which: (v: number) => boolean): number => z.filter(which).length / count;
        const expect = (got: number, p: number, what: string): void => {
          assert.ok(Math.abs(got - p) < 6 * Math.sqrt((p * (1 - p)) / count) + 1e-3, `${what}: ${got} instead of ${p}`);
        };
        expect(
          share((v) => v === 0),
          below(0),
          'zeros',
        );
        expect(
          share((v) => v === 1),
          1 - below(1),
          'ones',
        );
        expect(
          share((v) => v <= 0.5),
          below(0.5),
          'the lower half',
        );
        expect(
          share((v) => v > 0),
          sigmoid(m - o.temperature * Math.log(-o.low / o.high)),
          'open gates',
        );
      }),
      { numRuns: 40 },
    );
  });

  it('rises with the mask, and depends on the key alone', () => {
    fc.assert(
      fc.property(list(4, masks), number(0, 3), fc.integer(), (m, more, seed) => {
        const at = (x: Tensor): number[] => values(hardConcrete()(x, randomKey(seed)));
        near(at(f64(m)), at(f64(m)), 0);
        const up = at(f64(m.map((v) => v + more)));
        assert.ok(at(f64(m)).every((v, i) => v <= up[i]!));
      }),
    );
    const x = wave([20]);
    assert.notDeepEqual(values(hardConcrete()(x, key)), values(hardConcrete()(x, randomKey(6))));
  });

  it('keeps the dtype, and is free of NaN for masks of any size', () => {
    for (const dtype of ['float32', 'float64'] as const)
      for (const k of [undefined, key]) {
        const extreme = cast(f64([-1e30, -1e3, 0, 1e3, 1e30]), dtype);
        const f = (m: Tensor): Tensor => hardConcrete()(m, k);
        assert.equal(f(extreme).dtype, dtype);
        for (const x of [f(extreme), grad((m: Tensor) => sum(f(m)))(extreme)])
          assert.ok(values(x).every(Number.isFinite), String(x));
        near([values(f(extreme))[0], values(f(extreme))[4]], [0, 1], 0);
      }
  });

  it('can be differentiated twice, drawn or not; a cut gate has slope 0', () => {
    const inside = f64([-1, -0.3, 0.2, 1.1]);
    checkGrads((m: Tensor) => hardConcrete({ temperature: 1.3 })(m), [inside]);
    checkGrads((m: Tensor) => hardConcrete({ low: -3, high: 4, temperature: 1.3 })(m, key), [inside]);
    near(grad((m: Tensor) => sum(hardConcrete()(m)))(f64([-5, 5])), [0, 0], 0);
    const slope = values(grad((m: Tensor) => sum(hardConcrete()(m, key)))(wave([200])));
    values(hardConcrete()(wave([200]), key)).forEach((z, i) => {
      assert.equal(slope[i] === 0, z === 0 || z === 1);
    });
  });
});

describe('straightThrough', () => {
  const thresholds = number(0, 2);

  it('is exactly 1 where |m| is above the threshold, else exactly 0', () => {
    fc.assert(
      fc.property(
        list(5, number()),
        thresholds,
        fc.constantFrom('float32' as const, 'float64' as const),
        (m, t, dtype) => {
          const z = straightThrough(t)(cast(f64(m), dtype));
          assert.equal(z.dtype, dtype);
          near(
            z,
            m.map((v) => +(Math.abs(v) > t)),
            0,
          );
        },
      ),
    );
    near(straightThrough()(f64([0, 1e-300, -3, 1e300])), [0, 1, 1, 1], 0);
    near(straightThrough(1)(f64([1, -1, 1.001])), [0, 0, 1], 0);
  });

  it('has the derivative of m: 1 everywhere, and 0 beyond', () => {
    fc.assert(
      fc.property(list(5, number()), list(5, number()), thresholds, (m, c, t) => {
        const f = (x: Tensor): Tensor => sum(mul(straightThrough(t)(x), f64(c)));
        near(grad(f)(f64(m)), c, 0);
        near(grad((x: Tensor) => sum(grad(f)(x)))(f64(m)), [0, 0, 0, 0, 0], 0);
      }),
    );
  });

  it('lets a pruned weight come back: its mask moves, its weight does not', () => {
    const p = { w: f64(3), m: f64(0.1) };
    const d = grad(({ w, m }: typeof p) => applyMasks(w, m, straightThrough(0.5)))(p);
    near([d.w, d.m], [0, 3], 0);
  });
});

describe('applyMasks with a key', () => {
  const noise: Gate = (m, k) => add(mul(m, 0), hardConcrete({ low: -50, high: 51 })(mul(m, 0), k));
  const at = (masks: unknown, k?: Tensor): number[] =>
    values(applyMasks({ a: ones, b: [ones, ones] }, masks as never, hardConcrete(), k).a);
  const ones = full([12], 1, { dtype: 'float64' });

  it('gives every mask a key of its own, over leaves and lists', () => {
    const seen: number[][] = [];
    const record: Gate = (m, k) => {
      seen.push(values(k!));
      return m;
    };
    const tree = { a: ones, b: [ones, ones] };
    applyMasks(tree, [tree, { a: ones }, undefined, { b: [undefined, ones] }], record, key);
    assert.equal(seen.length, 5);
    assert.equal(new Set(seen.map(String)).size, 5);
    assert.ok(!seen.map(String).includes(String(values(key))), 'the key itself is not used again');
  });

  it('so leaves of one shape are gated by different draws, the same for the same key', () => {
    const tree = { a: ones, b: [ones, ones] };
    const draws = (k: Tensor): number[][] => {
      const { a, b } = applyMasks(tree, tree, noise, k);
      return [a, ...b].map(values);
    };
    const [a, b, c] = draws(key) as [number[], number[], number[]];
    assert.notDeepEqual(a, b);
    assert.notDeepEqual(b, c);
    assert.notDeepEqual(a, c);
    assert.deepEqual(draws(key), [a, b, c]);
    assert.notDeepEqual(draws(randomKey(9))[0], a);
  });

  it('draws between 0 and 1, where without a key the gate is that of test time', () => {
    const mask = { a: f64(new Array(12).fill(0)) };
    near(at(mask), new Array(12).fill(0.5));
    assert.ok(new Set(at(mask, key)).size > 6);
    near(at({ a: undefined }, key), ones, 0);
    near(at(undefined, key), ones, 0);
    near(masked(linear(1, 1), hardConcrete()).apply({ weight: f64([[2]]) }, { weight: f64([[0]]) }, f64([3])), 3);
  });

  it('lets gradients through one draw', () => {
    checkGrads(
      (w: Tensor, m: Tensor) => applyMasks(w, m, hardConcrete({ low: -3, high: 4, temperature: 1.3 }), key),
      [f64([1, 2, 3]), f64([0.1, -0.4, 0.3])],
    );
  });

  it('refuses keys that are none', () => {
    refuses(() => at({ a: ones }, f64([1, 2])), TypeError, 'key', 'float64');
  });
});

describe('random and straight-through gates refuse', () => {
  it('hardConcrete: temperatures that are not above 0, and intervals that do not go beyond 0 .. 1', () => {
    for (const temperature of [0, -1, NaN, Infinity, '1' as never])
      refuses(
        () => hardConcrete({ temperature }),
        kindFor(temperature),
        'hardConcrete:',
        'temperature',
        String(temperature),
      );
    for (const low of [0, 0.1, NaN])
      refuses(() => hardConcrete({ low }), RangeError, 'hardConcrete:', 'low', String(low));
    for (const high of [1, 0.9, NaN])
      refuses(() => hardConcrete({ high }), RangeError, 'hardConcrete:', 'high', String(high));
  });
  it('straightThrough: thresholds below 0', () => {
    for (const bad of [-1, NaN, -Infinity])
      refuses(() => straightThrough(bad), RangeError, 'straightThrough:', 'at least 0', String(bad));
    assert.equal(value(straightThrough(0)(f64(1))), 1);
  });
});
