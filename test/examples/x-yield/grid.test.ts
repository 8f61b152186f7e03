import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  BLOCKS,
  checkAlloy,
  COMPOSITION_COUNT,
  elementCount,
  POINT_COUNT,
  pointAt,
  rankOf,
  sampleGrid,
  sampleRanks,
  seeded,
  TEMPERATURES,
  yieldStrength,
} from '../../../examples/x-yield/index.js';
import { equimolar, seed } from './arbitraries.js';

const rank = fc.oneof(
  fc.nat(5000),
  fc.nat(POINT_COUNT - 1),
  fc.nat(5000).map((n) => POINT_COUNT - 1 - n),
);

describe('grid', () => {
  it('holds exactly 68,676,993 compositions and 1,579,570,839 points', () => {
    assert.deepEqual(
      BLOCKS.map(({ size }) => size),
      [800_415, 51_760_170, 1_790_712, 5_372_136, 8_953_560],
    );
    assert.equal(COMPOSITION_COUNT, 68_676_993);
    assert.equal(TEMPERATURES.length, 23);
    assert.deepEqual([TEMPERATURES[0], TEMPERATURES[22]], [300, 2500]);
    assert.equal(POINT_COUNT, 1_579_570_839);
  });

  it('ranks the point at every rank as that rank', () => {
    fc.assert(fc.property(rank, (r) => rankOf(pointAt(r)) === r));
  });

  it('starts and ends each block with the right number of elements', () => {
    let start = 0;
    for (const { k, size } of BLOCKS) {
      assert.equal(elementCount(pointAt(start * 23)), k);
      assert.equal(elementCount(pointAt((start + size) * 23 - 1)), k);
      start += size;
    }
  });

  it('has steps of 1 % for 3 and 4 elements and of 5 % for more', () => {
    fc.assert(
      fc.property(rank, (r) => {
        const point = pointAt(r);
        checkAlloy(point);
        const units = elementCount(point) <= 4 ? 100 : 20;
        for (const f of point.fractions) assert.ok(Math.abs(f * units - Math.round(f * units)) < 1e-9, `${f}`);
      }),
    );
  });

  it('has no point outside its ranks and no rank outside its points', () => {
    for (const bad of [-1, POINT_COUNT, 0.5, NaN]) assert.throws(() => pointAt(bad), RangeError);
    const off = [
      { fractions: equimolar('Mo', 'Nb'), temperature: 300 },
      { fractions: equimolar('Mo', 'Nb', 'Ti'), temperature: 300 },
      { fractions: equimolar('Mo', 'Nb', 'Ti', 'V'), temperature: 350 },
      { fractions: [0.2501, 0.2499, 0.25, 0.25, ...new Array<number>(7).fill(0)], temperature: 300 },
      { fractions: [0.2, 0.2, 0.2, 0.2, ...new Array<number>(7).fill(0)], temperature: 300 },
    ];
    for (const alloy of off) assert.throws(() => rankOf(alloy), RangeError);
  });

  it('gives valid and distinct points at a million distinct ranks', () => {
    const ranks = sampleRanks(1_000_000, seeded(1));
    const codes = new Float64Array(ranks.length);
    ranks.forEach((r, i) => {
      const { fractions, temperature } = pointAt(r);
      // One number per point, not by way of rankOf: the elements, their units but the last, the
      // temperature.
      let [mask, code, count, sum] = [0, 0, 0, 0];
      for (let n = 0; n < 11; n++) if (fractions[n]! > 0) [mask, count] = [mask | (1 << n), count + 1];
      const units = count <= 4 ? 100 : 20;
      const last = 31 - Math.clz32(mask);
      for (let n = 0; n < 11; n++) {
        const part = fractions[n]! * units;
        sum += part;
        if (part > 0 && n < last) code = code * units + Math.round(part);
      }
      if (Math.abs(sum - units) > 1e-9 || count < 3 || count > 7) assert.fail(`rank ${r}: ${fractions}`);
      codes[i] = (code * 2048 + mask) * 32 + temperature / 100;
    });
    codes.sort();
    assert.equal(
      codes.findIndex((code, i) => code === codes[i - 1]),
      -1,
    );
  }).timeout(10_000);

  it('samples n distinct points, the same for the same seed', () => {
    fc.assert(
      fc.property(fc.nat(50), seed, (n, s) => {
        const ranks = sampleRanks(n, seeded(s));
        assert.equal(new Set(ranks).size, n);
        assert.deepEqual(
          sampleGrid(n, seeded(s)),
          Array.from(ranks, (r) => pointAt(r)),
        );
      }),
    );
  });

  it('samples every tenth of the ranks equally often', () => {
    const counts = new Array<number>(10).fill(0);
    for (const r of sampleRanks(100_000, seeded(3))) counts[Math.floor((r / POINT_COUNT) * 10)]!++;
    for (const count of counts) assert.ok(Math.abs(count - 10_000) < 500, `${counts}`);
  });

  it('draws again when a rank repeats', () => {
    const draws = [0.1, 0.1, 0.1, 0.2, 0.3];
    assert.equal(new Set(sampleRanks(3, () => draws.shift()!)).size, 3);
    assert.equal(draws.length, 0);
  });

  it('refuses a number of points that is negative, fractional or beyond memory', () => {
    for (const bad of [-1, 1.5, NaN, 1e7 + 1]) assert.throws(() => sampleRanks(bad, Math.random), RangeError);
  });

  it('has about 1.13 GPa on average and 18 % above 2 GPa, in a uniform 100,000', () => {
    const strengths = sampleGrid(100_000, seeded(2)).map((a) => yieldStrength(a.fractions, a.temperature));
    const mean = strengths.reduce((sum, s) => sum + s, 0) / strengths.length;
    const strong = strengths.filter((s) => s > 2).length / strengths.length;
    assert.ok(Math.abs(mean - 1.13) < 0.02, `${mean}`);
    assert.ok(Math.abs(strong - 0.18) < 0.005, `${strong}`);
  });
});
