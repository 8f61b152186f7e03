import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  checkAlloy,
  compositionKey,
  elementCount,
  fewShotSplit,
  linearInSimulation,
  type Measurement,
  meanSquaredError,
  syntheticExperiment,
  SYMBOLS,
  yieldStrength,
} from '../../../examples/x-yield/index.js';
import { seed } from './arbitraries.js';

const experiments = Array.from({ length: 20 }, (_, s) => syntheticExperiment(s));
const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const average = (statistic: (data: Measurement[], seed: number) => number) => mean(experiments.map(statistic));
const within = (value: number, low: number, high: number) => {
  assert.ok(value >= low && value <= high, `${value}`);
};

describe('synthetic experiment', () => {
  it('is n valid measurements, positive, without iron, in ten folds', () => {
    fc.assert(
      fc.property(seed, fc.integer({ min: 2, max: 60 }), (s, n) => {
        const data = syntheticExperiment(s, n);
        assert.equal(data.length, n);
        for (const m of data) {
          checkAlloy(m);
          assert.ok(m.strength >= 0.02 && m.fractions[SYMBOLS.indexOf('Fe')] === 0);
          assert.ok(Number.isInteger(m.fold) && m.fold! >= 0 && m.fold! < 10);
        }
      }),
    );
  });

  it('is the same for the same seed and another for another', () => {
    assert.deepEqual(syntheticExperiment(0), experiments[0]);
    assert.notDeepEqual(experiments[1], experiments[0]);
  });

  it('has the alloy types and fold sizes of the benchmark', () => {
    for (const data of experiments) {
      assert.deepEqual(
        [3, 4, 5, 6].map((k) => data.filter((m) => elementCount(m) === k).length),
        [17, 78, 118, 27],
      );
      for (let fold = 0; fold < 10; fold++) assert.equal(data.filter((m) => m.fold === fold).length, 24);
    }
  });

  it('has about two points in five at room temperature, none above 1900 K, several for one alloy', () => {
    within(
      average((data) => data.filter((m) => m.temperature === 296.15).length / 240),
      0.37,
      0.47,
    );
    for (const data of experiments) {
      assert.ok(data.every((m) => m.temperature >= 296 && m.temperature <= 1900));
      within(new Set(data.map(compositionKey)).size, 70, 140);
    }
  });

  it('is as hard as the benchmark: mean, spread, and errors of the raw and the recalibrated simulation', () => {
    const strengths = (data: readonly Measurement[]) => data.map((m) => m.strength);
    within(
      average((data) => mean(strengths(data))),
      0.8,
      1,
    );
    within(
      average((data) => Math.min(...strengths(data))),
      0.02,
      0.1,
    );
    within(
      average((data) => Math.max(...strengths(data))),
      1.8,
      2.8,
    );
    within(
      average((data) =>
        meanSquaredError(
          data.map(() => mean(strengths(data))),
          strengths(data),
        ),
      ),
      0.21,
      0.25,
    );
    const raw = (data: Measurement[]) => data.map((m) => yieldStrength(m.fractions, m.temperature));
    within(
      average((data) => meanSquaredError(raw(data), strengths(data))),
      0.135,
      0.165,
    );
    const linear = average((data, s) => {
      const { train, test } = fewShotSplit(data, 0.1, s);
      return meanSquaredError(test.map(linearInSimulation(train)), strengths(test));
    });
    within(linear, 0.045, 0.075);
  });

  it('refuses fewer than two points', () => {
    for (const bad of [1, 0, -1, 2.5, NaN]) assert.throws(() => syntheticExperiment(0, bad), RangeError);
  });
});
