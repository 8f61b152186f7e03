import assert from 'node:assert/strict';
import fc from 'fast-check';
import { estimate, paired, show, verdict } from '../../../examples/lab/compare.js';
import { count, duration, wrapped } from '../../../examples/lab/duration.js';

describe('words and numbers of a report', () => {
  it('a duration has no unit that is full, for every number of seconds', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e6, noNaN: true }), (seconds) => {
        const numbers = [...duration(seconds).matchAll(/(\d+) (s|min|h)/g)];
        assert.ok(numbers.length > 0);
        for (const [, n, unit] of numbers) assert.ok(unit === 'h' || Number(n) < 60, duration(seconds));
      }),
    );
  });

  it('says durations and counts as people do', () => {
    assert.deepEqual([0, 59.4, 59.6, 179.7, 3599.6, 7140].map(duration), [
      '0 s',
      '59 s',
      '1 min 0 s',
      '3 min 0 s',
      '1 h 0 min',
      '1 h 59 min',
    ]);
    assert.equal(duration(NaN), '');
    assert.deepEqual([count(1, 'split'), count(2, 'split')], ['1 split', '2 splits']);
  });

  it('lines are at most so long, and hold all words', () => {
    const text = 'The error of Bi-RPT minus that of the other is small on average. '.repeat(5).trim();
    const lines = wrapped(text, 40).split('\n');
    assert.ok(lines.every((line) => line.length <= 40));
    assert.equal(lines.join(' '), text);
  });

  it('two values have a mean and no interval; three have that of Student', () => {
    assert.equal(show(estimate([1, 2])), '1.500');
    assert.equal(show(estimate([])), '-');
    // t(0.975, 2) = 4.302653, s = 1, n = 3
    assert.equal(show(estimate([1, 2, 3])), `2.000 ± ${(4.302653 / Math.sqrt(3)).toFixed(3)}`);
  });

  it('differences are taken split by split, and judged by their interval', () => {
    const a = new Map([0, 1, 2, 3].map((i) => [i, i]));
    const shifted = (by: (i: number) => number) => new Map([...a].map(([i, v]) => [i, v + by(i)]));
    assert.equal(
      verdict(
        paired(
          a,
          shifted(() => 1),
        ),
      ),
      'smaller',
    );
    assert.equal(
      verdict(
        paired(
          a,
          shifted(() => -1),
        ),
      ),
      'larger',
    );
    assert.equal(
      verdict(
        paired(
          a,
          shifted((i) => (i % 2 ? 1 : -1)),
        ),
      ),
      'open',
    );
    assert.equal(verdict(paired(a, new Map([[1, 0]]))), 'unknown');
    assert.equal(paired(a, new Map([[1, 0]])).mean, 1);
  });
});
