import assert from 'node:assert/strict';
import fc from 'fast-check';
import { accuracy, meanAndInterval, meanSquaredError, strengthClass } from '../../../examples/x-yield/index.js';
import { near } from './near.js';

const strengths = fc.array(fc.double({ min: -1, max: 3, noNaN: true }), { minLength: 1, maxLength: 20 });

describe('metrics', () => {
  it('has no error for perfect predictions and d^2 for all predictions off by d', () => {
    fc.assert(
      fc.property(strengths, fc.double({ min: -2, max: 2, noNaN: true }), (values, d) => {
        assert.equal(meanSquaredError(values, values), 0);
        near(
          meanSquaredError(
            values.map((value) => value + d),
            values,
          ),
          d * d,
        );
      }),
    );
    near(meanSquaredError([1, 2], Float32Array.of(0, 4)), 2.5);
  });

  it('counts the share of equal classes', () => {
    assert.equal(accuracy([0, 1, 2, 3], [0, 1, 3, 2]), 0.5);
    assert.equal(accuracy([NaN], [0]), 0);
  });

  it('refuses lists that are empty or of different lengths', () => {
    for (const metric of [meanSquaredError, accuracy]) {
      assert.throws(() => metric([], []), RangeError);
      assert.throws(() => metric([1], [1, 2]), RangeError);
      assert.throws(() => metric([1, 2], [1]), RangeError);
    }
  });

  it('puts strengths into five classes, closed on the left', () => {
    const values = [-1, 0, 0.499, 0.5, 0.999, 1, 1.499, 1.5, 1.999, 2, 7, Infinity];
    assert.deepEqual(values.map(strengthClass), [0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 4]);
    assert.ok(Number.isNaN(strengthClass(NaN)));
  });

  // t(0.975, n - 1) of the printed tables: 12.706, 2.776, 2.262, 2.093
  const known: [number[], number, number][] = [
    [[0, 1], 0.5, 12.7062047 * 0.5],
    [[1, 2, 3, 4, 5], 3, (2.7764451 * Math.sqrt(2.5)) / Math.sqrt(5)],
    [Array.from({ length: 10 }, (_, i) => i), 4.5, (2.2621572 * Math.sqrt(110 / 12)) / Math.sqrt(10)],
    [Array.from({ length: 20 }, (_, i) => i), 9.5, (2.0930241 * Math.sqrt(35)) / Math.sqrt(20)],
  ];
  for (const [values, mean, halfWidth] of known) {
    it(`gives the 95 % interval of Student of ${values.length} values`, () => {
      const interval = meanAndInterval(values);
      near(interval.mean, mean);
      near(interval.halfWidth, halfWidth, 1e-6);
    });
  }

  it('has intervals that move and scale with the values', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 2, maxLength: 12 }), (values) => {
        const { mean, halfWidth } = meanAndInterval(values);
        const other = meanAndInterval(values.map((value) => 3 - 2 * value));
        near(other.mean, 3 - 2 * mean);
        near(other.halfWidth, 2 * halfWidth);
      }),
    );
  });

  it('has no interval for one value and no mean for none', () => {
    assert.deepEqual(meanAndInterval([2]), { mean: 2, halfWidth: NaN });
    assert.throws(() => meanAndInterval([]), RangeError);
  });
});
