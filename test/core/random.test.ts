import assert from 'node:assert/strict';
import fc from 'fast-check';
import { normalQuantile, randomWords, threefry, uniform24, uniform53 } from '../../src/core/random.js';
import { close } from '../support/close.js';

const hex = (words: readonly number[]): string => words.map((w) => (w >>> 0).toString(16).padStart(8, '0')).join(' ');

describe('threefry2x32 with 20 rounds', () => {
  // kat_vectors of Random123 1.14: counter, key, result
  const known: [counter: [number, number], key: [number, number], result: string][] = [
    [[0, 0], [0, 0], '6b200159 99ba4efe'],
    [[-1, -1], [-1, -1], '1cb996fc bb002be7'],
    [[0x243f6a88, 0x85a308d3], [0x13198a2e, 0x03707344], 'c4923a9c 483df7a0'],
  ];
  for (const [counter, key, result] of known)
    it(`gives ${result} as Random123 does`, () => {
      assert.equal(hex(threefry(...key, ...counter)), result);
    });

  it('takes signed and unsigned words alike', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 4, maxLength: 4 }), ([a, b, c, d]) => {
        const unsigned = [a!, b!, c!, d!].map((w) => w >>> 0) as [number, number, number, number];
        assert.deepEqual(threefry(...unsigned), threefry(a!, b!, c!, d!));
      }),
    );
  });
});

describe('the words of a key', () => {
  it('are those of counters 0, 1, ..., and longer streams continue shorter ones', () => {
    const words = [...randomWords([5, 6], 7)];
    assert.deepEqual(words.slice(0, 4), [...threefry(5, 6, 0, 0), ...threefry(5, 6, 1, 0)]);
    assert.equal(words.length, 7);
    assert.deepEqual([...randomWords([5, 6], 4)], words.slice(0, 4));
    assert.equal(randomWords([5, 6], 0).length, 0);
  });
});

describe('uniform numbers', () => {
  it('of 24 and 53 bits lie in [0, 1), at the ends of their words too', () => {
    assert.deepEqual([uniform24(0), uniform24(-1)], [0, 1 - 2 ** -24]);
    assert.deepEqual([uniform53(0, 0), uniform53(-1, -1)], [0, 1 - 2 ** -53]);
    fc.assert(
      fc.property(fc.integer(), fc.integer(), (a, b) => {
        const [u, v] = [uniform24(a), uniform53(a, b)];
        assert.ok(u >= 0 && u < 1 && v >= 0 && v < 1 && Math.fround(u) === u && Math.abs(u - v) < 2 ** -24);
      }),
    );
  });
});

describe('the normal quantile', () => {
  it('is that of the tables', () => {
    // R 4.4: qnorm(c(0.5, 0.75, 0.975, 0.001, 1e-10)). PyTorch 1.13: special.ndtri of 1e-30 and
    // 1e-300, in the tail with a formula of its own.
    const known: [number, number][] = [
      [0.5, 0],
      [0.75, 0.674489750196081743],
      [0.975, 1.95996398454005423],
      [0.001, -3.09023230616781354],
      [1e-10, -6.36134090240406],
      [1e-30, -11.464024688443613],
      [1e-300, -37.0470962993612],
    ];
    for (const [p, q] of known) close(normalQuantile(p), q, 1e-14);
  });

  it('is odd about a half, and grows', () => {
    const p = fc.double({ min: 2 ** -53, max: 0.5, noNaN: true });
    fc.assert(
      fc.property(p, p, (a, b) => {
        close(normalQuantile(a), -normalQuantile(1 - a), 1e-6 + 1e-13 / a);
        if (a < b) assert.ok(normalQuantile(a) <= normalQuantile(b));
      }),
    );
  });
});
