import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  apportion,
  compositionKey,
  elementCount,
  fewShotSplit,
  foldSplit,
  groupedFolds,
  type Measurement,
  type Split,
  syntheticExperiment,
} from '../../../examples/x-yield/index.js';
import { measurement, seed } from './arbitraries.js';

const fraction = fc.double({ min: 0.001, max: 0.999, noNaN: true });
const measurements = fc.array(measurement, { minLength: 2, maxLength: 30 });
const benchmark = syntheticExperiment(0); // has the type counts 17 78 118 27

const sortedUnion = ({ train, test }: Split, all: readonly Measurement[]) =>
  [...train, ...test].map((item) => all.indexOf(item)).sort((a, b) => a - b);

function assertPartition(split: Split, all: readonly Measurement[]): void {
  assert.deepEqual(
    sortedUnion(split, all),
    all.map((_, i) => i),
  );
  assert.ok(split.train.length > 0 && split.test.length > 0);
}

describe('splits', () => {
  it('train on 2/7/11/3 and 1/4/5/1 of the benchmark’s alloy types', () => {
    assert.deepEqual(apportion([17, 78, 118, 27], 0.1), [2, 7, 11, 3]);
    assert.deepEqual(apportion([17, 78, 118, 27], 0.05), [1, 4, 5, 1]);
    for (const [share, counts] of [
      [0.1, [2, 7, 11, 3]],
      [0.05, [1, 4, 5, 1]],
    ] as const) {
      const { train, test } = fewShotSplit(benchmark, share, 7);
      assert.deepEqual(
        [3, 4, 5, 6].map((k) => train.filter((m) => elementCount(m) === k).length),
        counts,
      );
      assert.equal(train.length + test.length, 240);
    }
  });

  it('share out fewer than the fraction, at least one, and never more than a type has', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 2, maxLength: 8 }), fraction, (sizes, f) => {
        const total = sizes.reduce((sum, size) => sum + size, 0);
        const counts = apportion(sizes, f);
        const sum = counts.reduce((a, b) => a + b, 0);
        assert.ok(sum >= 1 && sum < total && (sum === 1 || (sum < f * total && sum + 1 >= f * total - 1e-6)));
        assert.ok(counts.every((count, i) => count >= 0 && count <= sizes[i]!));
      }),
    );
  });

  it('share out below the fraction also where the product rounds up', () => {
    assert.ok(0.07 * 100 > 7);
    assert.deepEqual(apportion([50, 50], 0.07), [3, 3]);
  });

  it('share out in order of size', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 2, maxLength: 8 }), fraction, (sizes, f) => {
        const ascending = [...sizes].sort((a, b) => a - b);
        const counts = apportion(ascending, f);
        assert.ok(counts.every((count, i) => i === 0 || count >= counts[i - 1]! - 1));
      }),
    );
  });

  it('give a seat on which types tie to the type of fewer elements, wherever it stands in the data', () => {
    const [ternary, quinary] = [benchmark.slice(0, 10), benchmark.slice(100, 110)];
    for (const data of [
      [...ternary, ...quinary],
      [...quinary, ...ternary],
    ]) {
      assert.deepEqual(fewShotSplit(data, 0.1, 0).train.map(elementCount), [3]);
    }
  });

  it('refuse fractions outside (0, 1) and data too small to split', () => {
    for (const bad of [0, 1, -0.1, 1.5, NaN]) assert.throws(() => fewShotSplit(benchmark, bad, 0), RangeError);
    assert.throws(() => fewShotSplit(benchmark.slice(0, 1), 0.5, 0), RangeError);
  });

  it('are disjoint and cover the data, the same for the same seed', () => {
    fc.assert(
      fc.property(measurements, fraction, seed, (all, f, s) => {
        const split = fewShotSplit(all, f, s);
        assertPartition(split, all);
        assert.deepEqual(fewShotSplit(all, f, s), split);
      }),
    );
    assert.notDeepEqual(fewShotSplit(benchmark, 0.1, 1), fewShotSplit(benchmark, 0.1, 2));
  });

  it('draw every member of a type equally often', () => {
    const hits = new Map<Measurement, number>();
    for (let s = 0; s < 400; s++) {
      for (const m of fewShotSplit(benchmark, 0.1, s).train) hits.set(m, (hits.get(m) ?? 0) + 1);
    }
    for (const m of benchmark) {
      const expected = 400 * { 3: 2 / 17, 4: 7 / 78, 5: 11 / 118, 6: 3 / 27 }[elementCount(m)]!;
      assert.ok(Math.abs((hits.get(m) ?? 0) - expected) < 5 * Math.sqrt(expected), `${hits.get(m)} of ${expected}`);
    }
  });

  it('test on one fold of the data’s own', () => {
    for (let fold = 0; fold < 10; fold++) {
      const split = foldSplit(benchmark, fold);
      assertPartition(split, benchmark);
      assert.ok(split.test.every((m) => m.fold === fold) && split.train.every((m) => m.fold !== fold));
    }
  });

  it('refuse folds that are not there', () => {
    assert.throws(() => foldSplit(benchmark, 10), /fold 10/);
    assert.throws(() => foldSplit(foldSplit(benchmark, 3).test, 3), RangeError);
    const without = benchmark.map((m, i) => (i === 4 ? { ...m, fold: undefined } : m));
    assert.throws(() => foldSplit(without, 0), /number 5$/);
  });

  it('keep an alloy’s temperatures together and test every point once, in folds of nearly equal size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 12 }), seed, (k, s) => {
        const folds = groupedFolds(benchmark, k, s);
        assert.equal(folds.length, k);
        for (const split of folds) {
          assertPartition(split, benchmark);
          const tested = new Set(split.test.map(compositionKey));
          assert.ok(!split.train.some((m) => tested.has(compositionKey(m))));
          assert.ok(Math.abs(split.test.length - 240 / k) <= 2, `${split.test.length}`);
        }
        assert.equal(new Set(folds.flatMap(({ test }) => test)).size, 240);
        assert.deepEqual(groupedFolds(benchmark, k, s), folds);
      }),
      { numRuns: 20 },
    );
    assert.notDeepEqual(groupedFolds(benchmark, 5, 1), groupedFolds(benchmark, 5, 2));
  });

  it('refuse more grouped folds than there are compositions', () => {
    const two = [benchmark[0]!, benchmark.at(-1)!];
    assert.equal(groupedFolds(two, 2, 0).length, 2);
    for (const bad of [3, 1, 0, 1.5, NaN]) assert.throws(() => groupedFolds(two, bad, 0), RangeError);
  });
});
