import assert from 'node:assert/strict';
import fc from 'fast-check';
import { normal, seeded, shuffle, xoshiro128 } from '../../../examples/x-yield/index.js';
import { seed } from './arbitraries.js';

const take = (n: number, random: () => number) => Array.from({ length: n }, random);

describe('random', () => {
  it('is xoshiro128**: the first outputs of the authors’ C code from the state 1 2 3 4', () => {
    assert.deepEqual(
      take(10, xoshiro128(1, 2, 3, 4)),
      [11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804],
    );
  });

  it('repeats itself for a seed and differs for two', () => {
    fc.assert(
      fc.property(seed, seed, (a, b) => {
        assert.equal(String(take(4, seeded(a))) === String(take(4, seeded(b))), a === b);
      }),
    );
  });

  it('tells apart seeds that agree in their low 32 bits', () => {
    assert.notDeepEqual(take(2, seeded(5)), take(2, seeded(5 + 2 ** 32)));
  });

  it('fills [0, 1) evenly', () => {
    const counts = new Array<number>(10).fill(0);
    for (const value of take(100_000, seeded(3))) counts[Math.floor(value * 10)]!++;
    assert.equal(counts.length, 10);
    for (const count of counts) assert.ok(Math.abs(count - 10_000) < 500, `${counts}`);
  });

  it('refuses seeds that are no integers from 0 to 2^53 - 1', () => {
    for (const bad of [-1, 0.5, NaN, 2 ** 53]) assert.throws(() => seeded(bad), RangeError);
  });

  it('draws normal numbers of mean 0, variance 1 and kurtosis 3', () => {
    const random = seeded(4);
    const values = take(100_000, () => normal(random));
    const moment = (power: number) => values.reduce((sum, value) => sum + value ** power, 0) / values.length;
    assert.ok(Math.abs(moment(1)) < 0.02 && Math.abs(moment(2) - 1) < 0.02 && Math.abs(moment(4) - 3) < 0.15);
  });

  it('shuffles into every order equally often, leaving the original alone', () => {
    const random = seeded(5);
    const original = [1, 2, 3];
    const counts = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const order = String(shuffle(original, random));
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    assert.deepEqual(original, [1, 2, 3]);
    assert.equal(counts.size, 6);
    for (const count of counts.values()) assert.ok(Math.abs(count - 1000) < 150, `${[...counts]}`);
  });
});
