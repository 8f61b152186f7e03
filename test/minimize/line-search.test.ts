import assert from 'node:assert/strict';
import fc from 'fast-check';
import { strongWolfe, type Trial } from '../../src/minimize/line-search.js';
import { number } from '../support/numbers.js';
import { placed } from './problems.js';

/** Trials of a function of one number and its derivative. */
const line =
  (f: (a: number) => number, slope: (a: number) => number) =>
  (length: number): Trial => ({ length, slope: slope(length), point: placed(f(length), slope(length)) });
const searched = (at: (length: number) => Trial, first = 1) => strongWolfe(at(0), at, first);

describe('strongWolfe', () => {
  it('gives steps that satisfy both conditions', () => {
    fc.assert(
      fc.property(number(0.1, 2), number(-2, 2), number(-2, 2), fc.constantFrom(1e-4, 1, 1e4), (a, b, c, first) => {
        // It falls at first, and has several minima.
        const f = (t: number) => (a * (t - 1) ** 2) / 2 + b * Math.sin(t) ** 2 + c * (1 - Math.cos(t)) ** 2;
        const slope = (t: number) => a * (t - 1) + b * Math.sin(2 * t) + 2 * c * (1 - Math.cos(t)) * Math.sin(t);
        const found = searched(line(f, slope), first);
        assert.ok(typeof found !== 'string', String(found));
        const t = found.length;
        assert.ok(t > 0 && f(t) <= f(0) + 1e-4 * t * slope(0), 'no decrease');
        assert.ok(Math.abs(slope(t)) <= 0.9 * Math.abs(slope(0)), 'too steep');
      }),
      { numRuns: 30 },
    );
  });

  it('comes back from where there is no value', () => {
    // -log(1 - t) - 3 t is NaN beyond 1, and has its minimum at 2/3.
    const at = line(
      (t) => -Math.log(1 - t) - 3 * t,
      (t) => 1 / (1 - t) - 3,
    );
    const found = searched(at, 50);
    assert.ok(typeof found !== 'string' && found.length < 1 && Math.abs(found.slope) <= 1.8);
    // Here the value is low beyond 1, but has no slope.
    const cliff = line(
      (t) => (t > 1 ? -9 : (t - 0.5) ** 2),
      (t) => (t > 1 ? NaN : 2 * t - 1),
    );
    const before = searched(cliff, 3);
    assert.ok(typeof before !== 'string' && before.length < 1);
  });

  it('takes slopes for values that are rounding', () => {
    const at = line(
      (t) => 1e16 + (t - 1) ** 2,
      (t) => 2 * (t - 1),
    );
    assert.equal(at(0).point.value, at(0.9).point.value);
    const found = searched(at, 0.9);
    assert.ok(typeof found !== 'string' && found.length === 0.9);
    // Beyond the minimum too, as long as the slope is less steep than it was.
    const [beyond, far] = [searched(at, 1.5), searched(at, 2.5)];
    assert.ok(typeof beyond !== 'string' && beyond.length === 1.5);
    assert.ok(typeof far !== 'string' && Math.abs(far.slope) <= 1.8);
  });

  it('says that a line falls for ever, or that no step will do', () => {
    const falling = line(
      (t) => -t,
      () => -1,
    );
    assert.equal(searched(falling), 'unbounded');
    const infinite = line(
      (t) => (t > 10 ? -Infinity : -t),
      () => -1,
    );
    assert.equal(searched(infinite), 'unbounded');
    const kink = line(
      (t) => Math.abs(t - 0.3),
      (t) => (t < 0.3 ? -1 : 1),
    );
    // No slope is flat enough, but there is a lowest place.
    const lowest = searched(kink);
    assert.ok(typeof lowest !== 'string' && Math.abs(lowest.length - 0.3) < 1e-9);
    const uphill = line(
      (t) => t,
      () => -1,
    );
    assert.equal(searched(uphill), 'no descent');
  });

  it('goes on from the lower end of what it has seen', () => {
    // It falls steeply on both sides of a rise at 2, so that 4 is lower than 0 and higher than 1.
    const rise = line(
      (t) => -t + (t < 2 ? 0 : 3.2),
      () => -1,
    );
    const found = searched(rise);
    assert.ok(typeof found !== 'string' && found.length > 1.9 && found.length < 2);
  });

  it('takes no steep way up for a decrease where values are rounding', () => {
    const at = line(
      () => 1e16,
      (t) => (t < 1 ? -2 : 3),
    );
    for (const first of [1.2, 2.5, 7]) {
      const found = searched(at, first);
      assert.ok(typeof found !== 'string' && found.slope === -2);
    }
  });

  it('finds the minimum of a cubic in one step between two trials', () => {
    const tried: number[] = [];
    const cubic = line(
      (t) => 5 + 2 * (t ** 3 / 3 - t),
      (t) => 2 * (t * t - 1),
    );
    const found = searched((t) => (tried.push(t), cubic(t)), 3);
    assert.ok(typeof found !== 'string' && Math.abs(found.length - 1) < 1e-12);
    assert.equal(tried.length, 3);
  });

  it('tries no more than 30 longer steps, and 40 between two, or until nothing is between them', () => {
    const down = () => -1;
    for (const [f, slope, trials] of [
      [(t: number) => -t, down, 1 + 30],
      [(t: number) => -t + (t < 2 ? 0 : 3.2), down, 1 + 2 + 40],
      [(t: number) => (t > 0 ? 1 : 0), down, 1 + 1 + 40],
    ] as const) {
      const tried: number[] = [];
      const at = line(f, slope);
      searched((t) => (tried.push(t), at(t)));
      assert.equal(tried.length, trials);
    }
    const tried: number[] = [];
    const wall = line((t) => (t > 0 ? 1 : 0), down);
    assert.equal(
      searched((t) => (tried.push(t), wall(t)), Number.MIN_VALUE),
      'no descent',
    );
    assert.equal(tried.length, 2);
  });

  it('makes a step longer where values are equal by rounding', () => {
    const at = line(
      (t) => 1e16 + 1e4 * (t / 1e6 - 1) ** 2,
      (t) => 2e-2 * (t / 1e6 - 1),
    );
    assert.equal(at(0).point.value, at(16).point.value);
    const found = searched(at);
    assert.ok(typeof found !== 'string' && found.length > 1e4 && found.length < 2e6);
  });
});
