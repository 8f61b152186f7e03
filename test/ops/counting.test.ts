import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  bincount,
  compile,
  corrcoef,
  cov,
  histogram,
  median,
  nanMax,
  nanMean,
  nanSum,
  quantile,
  tensor,
  type Tensor,
} from 'bigrad';
import { close, values } from '../support/close.js';
import { refuses } from '../support/refuses.js';

const t = (xs: number[] | number[][]): Tensor => tensor(xs, { dtype: 'float64' });

describe('counting', () => {
  it('bincount counts each index, and sums weights by index', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(4)), (is) => {
        const [indices, places] = [tensor(is, { dtype: 'int32' }), [0, 1, 2, 3, 4]];
        const counts = places.map((p) => is.filter((i) => i === p).length);
        assert.deepEqual(values(bincount(indices, 5)), counts);
        assert.deepEqual(
          values(bincount(indices, 5, { weights: t(is.map(() => 0.5)) })),
          counts.map((n) => n / 2),
        );
      }),
    );
  });

  it('histogram counts by interval, the last end included, and leaves out what lies outside', () => {
    const { counts, edges } = histogram(t([0, 0.5, 1, 1.5, 2, 2.5, -1, NaN]), 4, { range: [0, 2] });
    assert.deepEqual(
      [values(counts), values(edges)],
      [
        [1, 1, 1, 2],
        [0, 0.5, 1, 1.5, 2],
      ],
    );
  });

  it('histogram without a range refuses what has no least and largest number, where it can look', () => {
    for (const bad of [NaN, Infinity, -Infinity])
      refuses(() => histogram(t([1, bad, 3]), 2), RangeError, 'histogram: expected a range', 'finite elements');
    const compiled = compile((x: Tensor) => histogram(x, 2).edges)(t([1, NaN, 3]));
    assert.deepEqual(values(compiled), [NaN, NaN, NaN]);
    assert.deepEqual(values(histogram(t([1, NaN, 3]), 2, { range: [0, 4] }).counts), [1, 1]);
  });

  it('histogram refuses a range that its dtype cannot hold, in the numbers given', () => {
    const wide = tensor([-3e38, 3e38]);
    refuses(() => histogram(wide, 2), RangeError, 'range of finite width in float32, got -3e+38 to 3e+38');
    for (const range of [[-3e38, 3e38] as const, [0, 1e300] as const])
      refuses(
        () => histogram(wide, 2, { range }),
        RangeError,
        `range of finite width in float32, got ${range[0]} to ${range[1]}`,
      );
    refuses(() => histogram(t([-1e308, 1e308]), 2), RangeError, 'width in float64, got -1e+308 to 1e+308');
    assert.deepEqual(values(histogram(t([-3e38, 3e38]), 2).counts), [1, 1]);
  });

  it('histogram without a range counts every element', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -9, max: 9, noNaN: true }), { minLength: 1 }),
        fc.integer({ min: 1, max: 7 }),
        (xs, n) => {
          const { counts, edges } = histogram(t(xs), n);
          const limits = values(edges);
          const total = values(counts).reduce((a, b) => a + b, 0);
          assert.equal(total, xs.length);
          values(counts).forEach((c, i) => {
            const inside = xs.filter(
              (x) => x >= limits[i]! && (x < limits[i + 1]! || (i === n - 1 && x === limits[n])),
            );
            assert.equal(c, inside.length);
          });
        },
      ),
    );
    assert.deepEqual(values(histogram(t([3, 3]), 2).edges), [2.5, 3, 3.5]);
  });
});

describe('statistics', () => {
  it('quantile 0 and 1 are the ends, and the median has as many below as above', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1 }), (xs) => {
        assert.deepEqual(values(quantile(t(xs), [0, 1])), [Math.min(...xs), Math.max(...xs)]);
        const m = values(median(t(xs)))[0]!;
        assert.ok(xs.filter((x) => x < m).length <= xs.length / 2 && xs.filter((x) => x > m).length <= xs.length / 2);
      }),
    );
  });

  it('quantiles of rows with NaN are NaN, and infinities do not make any', () => {
    assert.deepEqual(
      values(
        median(
          t([
            [1, NaN, 2],
            [3, Infinity, 1],
          ]),
          1,
        ),
      ),
      [NaN, 3],
    );
    assert.deepEqual(
      median(
        t([
          [1, 2],
          [3, 4],
        ]),
        1,
        { keepDims: true },
      ).shape,
      [2, 1],
    );
  });

  it('cov of a vector is its variance, and corrcoef of a row with itself 1', () => {
    close(cov(t([1, 2, 4])), [7 / 3]);
    close(
      corrcoef(
        t([
          [1, 2, 4],
          [2, 4, 8],
          [-1, -2, -4],
        ]),
      ),
      [1, 1, -1, 1, 1, -1, -1, -1, 1],
    );
  });

  it('reductions without NaN are NaN where nothing is left, but for sums', () => {
    const x = t([
      [NaN, NaN],
      [1, NaN],
    ]);
    assert.deepEqual(
      [nanMax, nanMean, nanSum].map((f) => values(f(x, 1))),
      [
        [NaN, 1],
        [NaN, 1],
        [0, 1],
      ],
    );
  });
});
