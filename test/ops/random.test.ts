import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  cpu,
  randomBernoulli,
  randomKey,
  randomNormal,
  randomPermutation,
  randomUniform,
  reference,
  splitKey,
  type Tensor,
} from 'bigrad';
import { normalQuantile } from '../../src/core/random.js';
import { close, values } from '../support/close.js';

const seeds = fc.maxSafeInteger();
const N = 20_000;
const average = (data: readonly number[]): number => data.reduce((a, b) => a + b, 0) / data.length;
const moment = (data: readonly number[], n: number): number => average(data.map((v) => v ** n));
const fewer = { numRuns: 10 };

describe('keys', () => {
  it('are the two words of their seed, so different seeds give different keys', () => {
    assert.deepEqual(values(randomKey(7)), [0, 7]);
    assert.deepEqual(values(randomKey(2 ** 32 + 7)), [1, 7]);
    assert.deepEqual(values(randomKey(-1)), [-1, -1]);
    fc.assert(
      fc.property(seeds, seeds, (a, b) => {
        assert.equal(values(randomKey(a)).join() === values(randomKey(b)).join(), a === b);
      }),
    );
  });

  it('split into distinct ones, none of which is the first', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 40 }), (seed, n) => {
        const key = randomKey(seed);
        const all = [key, ...splitKey(key, n)];
        assert.equal(new Set(all.map((k) => values(k).join())).size, n + 1);
        assert.ok(all.every((k) => k.dtype === 'int32' && k.shape.join() === '2'));
      }),
    );
  });

  it('split in the same way again, and two streams of a split are not alike', () => {
    const [a, b] = splitKey(randomKey(3));
    assert.deepEqual(splitKey(randomKey(3)).map(values), [values(a), values(b)]);
    const [u, v] = [a, b].map((k) => values(randomUniform(k, [N])));
    const correlation = average(u!.map((x, i) => (x - 0.5) * (v![i]! - 0.5))) * 12;
    assert.ok(Math.abs(correlation) < 4 / Math.sqrt(N));
  });
});

describe('randomUniform in low .. high', () => {
  /** The word of a stream whose numbers are the largest below 1. */
  const largest = 1 - 2 ** -24;

  it('never gives high in float32, however the sum rounds', () => {
    const bounds = fc.float({ noNaN: true, noDefaultInfinity: true, min: -(2 ** 100), max: 2 ** 100 });
    fc.assert(
      fc.property(bounds, bounds, fc.integer(), (a, b, seed) => {
        fc.pre(a < b);
        for (const x of values(randomUniform(randomKey(seed), [50], { low: a, high: b }))) assert.ok(x >= a && x < b);
      }),
    );
  });

  it('where rounding would give it: one step of float32 below a large number', () => {
    const [low, high] = [2 ** 24 - 1, 2 ** 24 + 2];
    assert.equal(Math.fround(Math.fround(largest * (high - low)) + low), high);
    const drawn = values(randomUniform(randomKey(1), [N], { low, high }));
    assert.deepEqual(
      [...new Set(drawn)].sort((x, y) => x - y),
      [low, low + 1],
    );
  });

  it('around 0, and up to it, in both dtypes', () => {
    for (const dtype of ['float32', 'float64'] as const) {
      const drawn = values(randomUniform(randomKey(1), [N], { low: -1, high: 0, dtype }));
      assert.ok(drawn.every((x) => x >= -1 && x < 0));
      assert.ok(Math.abs(average(drawn) + 0.5) < 0.01);
      const below = values(randomUniform(randomKey(1), [N], { low: -2, high: -1, dtype }));
      assert.ok(below.every((x) => x >= -2 && x < -1));
    }
  });
});

describe('random functions', () => {
  const draws: Record<string, (key: Tensor) => Tensor> = {
    uniform: (k) => randomUniform(k, [3, 4]),
    normal: (k) => randomNormal(k, [3, 4]),
    bernoulli: (k) => randomBernoulli(k, [3, 4]),
    permutation: (k) => randomPermutation(k, 12),
  };
  for (const [name, draw] of Object.entries(draws))
    it(`are functions of their key, the same on every device: ${name}`, () => {
      fc.assert(
        fc.property(seeds, (seed) => {
          const [a, b] = [draw(randomKey(seed)), draw(randomKey(seed, { device: reference }))];
          assert.deepEqual(values(a), values(b));
          assert.deepEqual([a.device, b.device], [cpu, reference]);
        }),
      );
    });

  it('keep giving the numbers they gave: the streams of key 42 are frozen', () => {
    const key = randomKey(42);
    assert.deepEqual(values(splitKey(key)[0]), [1832780943, 270669613]); // as jax.random.split(jax.random.key(42)) too
    assert.deepEqual(values(randomUniform(key, [3])), [0.4267275333404541, 0.06302016973495483, 0.1001582145690918]);
    assert.deepEqual(values(randomUniform(key, [2], { dtype: 'float64' })), [0.42672756361231334, 0.10015824296670306]);
    close(
      randomNormal(key, [3], { dtype: 'float64' }),
      [-0.18471175302704018, -1.280650408091064, -0.8544132172703719],
      1e-15,
    );
    assert.deepEqual(values(randomPermutation(key, 8)), [6, 7, 4, 2, 5, 1, 0, 3]);
    assert.deepEqual(values(randomBernoulli(key, [8])), [1, 1, 1, 1, 0, 1, 0, 0]);
  });

  it('uniform: in [low, high), with the moments of the uniform distribution', () => {
    fc.assert(
      fc.property(seeds, fc.constantFrom('float32' as const, 'float64' as const), (seed, dtype) => {
        const u = values(randomUniform(randomKey(seed), [N], { dtype }));
        assert.ok(u.every((v) => v >= 0 && v < 1));
        close(
          [1, 2, 3].map((n) => moment(u, n)),
          [1 / 2, 1 / 3, 1 / 4],
          5 / Math.sqrt(12 * N),
        );
        const w = values(randomUniform(randomKey(seed), [N], { dtype, low: -3, high: 1 }));
        assert.ok(w.every((v) => v >= -3 && v < 1));
        close(average(w), -1, (5 * 4) / Math.sqrt(12 * N));
      }),
      fewer,
    );
  });

  it('uniform: fills each of 20 bins evenly', () => {
    const counts = new Array<number>(20).fill(0);
    for (const v of values(randomUniform(randomKey(1), [N]))) counts[Math.floor(v * 20)]!++;
    const chi2 = counts.reduce((s, c) => s + (c - N / 20) ** 2 / (N / 20), 0);
    assert.ok(chi2 < 50, `chi-squared ${chi2} at 19 degrees of freedom`);
  });

  it('normal: has the moments of the standard normal distribution', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const z = values(randomNormal(randomKey(seed), [N]));
        const spread = [1, 2, 15, 96].map((v) => 7 * Math.sqrt(v / N));
        [1, 2, 3, 4].forEach((n, i) => {
          assert.ok(Math.abs(moment(z, n) - [0, 1, 0, 3][i]!) < spread[i]!, `moment ${n} of seed ${seed}`);
        });
      }),
      fewer,
    );
  });

  it('bernoulli: is 1 as often as p says, always at 1 and never at 0', () => {
    fc.assert(
      fc.property(seeds, fc.double({ min: 0, max: 1, noNaN: true }), (seed, p) => {
        const b = values(randomBernoulli(randomKey(seed), [N], { p }));
        assert.ok(b.every((v) => v === 0 || v === 1));
        assert.ok(Math.abs(average(b) - p) <= 5.5 * Math.sqrt((p * (1 - p)) / N) + 8 / N);
      }),
      fewer,
    );
    assert.deepEqual(
      [0, 1].map((p) => average(values(randomBernoulli(randomKey(5), [N], { p })))),
      [0, 1],
    );
    assert.equal(randomBernoulli(randomKey(5), [3], { dtype: 'int32' }).dtype, 'int32');
  });

  it('permutation: holds each of 0 .. n-1 once', () => {
    fc.assert(
      fc.property(seeds, fc.nat(50), (seed, n) => {
        const p = randomPermutation(randomKey(seed), n);
        assert.equal(p.dtype, 'int32');
        assert.deepEqual(
          values(p).sort((a, b) => a - b),
          Array.from({ length: n }, (_, i) => i),
        );
      }),
    );
  });

  it('permutation: each of the 6 orders of 3 comes up equally often', () => {
    const counts = new Map<string, number>();
    const times = 6000;
    for (const key of splitKey(randomKey(9), times)) {
      const order = values(randomPermutation(key, 3)).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    assert.equal(counts.size, 6);
    const chi2 = [...counts.values()].reduce((s, c) => s + (c - times / 6) ** 2 / (times / 6), 0);
    assert.ok(chi2 < 25, `chi-squared ${chi2} at 5 degrees of freedom`);
  });

  it('have shapes with no elements too', () => {
    assert.equal(randomNormal(randomKey(1), [0, 3]).size, 0);
    assert.deepEqual(randomUniform(randomKey(1), []).shape, []);
  });
});

describe('random numbers at the edges of their dtype', () => {
  it('fill an interval other than 0 .. 1', () => {
    const drawn = values(randomUniform(randomKey(1), [50], { high: 2 }));
    assert.ok(drawn.some((v) => v > 1) && drawn.some((v) => v < 1) && drawn.every((v) => v >= 0 && v < 2));
  });

  it('never are the upper end, though its neighbour is the lower one', () => {
    for (const [dtype, ulp, least] of [
      ['float32', 2 ** -23, 2 ** -149],
      ['float64', 2 ** -52, Number.MIN_VALUE],
    ] as const)
      for (const [low, high] of [
        [1, 1 + ulp],
        [-1 - ulp, -1],
        [-least, 0],
        [0, least],
      ] as const) {
        const drawn = values(randomUniform(randomKey(1), [50], { low, high, dtype }));
        assert.deepEqual(new Set(drawn), new Set([low]), `${low} .. ${high}`);
      }
  });

  it('may lie as close as float64 can tell', () => {
    assert.equal(randomUniform(randomKey(1), [3], { low: 1, high: 1 + 1e-9, dtype: 'float64' }).size, 3);
  });

  it('are normal at the middle of the cells of uniform ones', () => {
    const float64 = { dtype: 'float64' } as const;
    assert.deepEqual(
      values(randomNormal(randomKey(1), [50], float64)),
      values(randomUniform(randomKey(1), [50], float64)).map((u) => normalQuantile(u + 2 ** -54)),
    );
  });
});
