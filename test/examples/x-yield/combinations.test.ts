import assert from 'node:assert/strict';
import fc from 'fast-check';
import { binomial, subsetAt, subsetRank } from '../../../examples/x-yield/index.js';

describe('combinations', () => {
  it('satisfy the rule of Pascal', () => {
    fc.assert(
      fc.property(fc.nat(60), fc.integer({ min: -1, max: 8 }), (n, k) => {
        assert.equal(binomial(n + 1, k), binomial(n, k) + binomial(n, k - 1) + (n + 1 === 0 ? 1 : 0));
      }),
    );
  });

  it('list every subset once, in colexicographic order', () => {
    const all = Array.from({ length: binomial(6, 3) }, (_, rank) => subsetAt(rank, 3));
    assert.deepEqual(all.slice(0, 5), [
      [0, 1, 2],
      [0, 1, 3],
      [0, 2, 3],
      [1, 2, 3],
      [0, 1, 4],
    ]);
    assert.equal(new Set(all.map(String)).size, 20);
    assert.deepEqual(all.at(-1), [3, 4, 5]);
  });

  it('are unranked by the inverse of their rank', () => {
    fc.assert(
      fc.property(fc.nat(1e9), fc.integer({ min: 1, max: 8 }), (rank, k) => {
        const subset = subsetAt(k === 1 ? rank % 1000 : rank, k);
        assert.ok(subset.every((element, i) => element > (subset[i - 1] ?? -1)));
        assert.equal(subset.length, k);
        assert.equal(subsetRank(subset), k === 1 ? rank % 1000 : rank);
      }),
    );
  });
});
