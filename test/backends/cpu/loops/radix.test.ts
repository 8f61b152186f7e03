import assert from 'node:assert/strict';
import { sortByDigits, wordsOf } from '../../../../src/backends/cpu/loops/radix.js';

describe('sort by digits', () => {
  const tail = [NaN, 0, -0, -Infinity, Infinity, 7, 7];
  // A multiplier that visits every residue: a row without ties, out of order.
  const row = (n: number): number[] => [...Array.from({ length: n }, (_, i) => ((i * 7919) % n) - n / 2), ...tail];

  for (const make of [Float32Array, Float64Array])
    for (const n of [100, 5000])
      it(`orders ${n} numbers of ${make.name} with ties, zeros of both signs and NaN, both ways`, () => {
        const data = make.from(row(n));
        const rank = (i: number): number => (Number.isNaN(data[i]) ? Infinity : data[i]!);
        const isNaN = (i: number): number => +Number.isNaN(data[i]);
        const compare = (i: number, j: number): number =>
          (rank(i) < rank(j) ? -1 : rank(i) > rank(j) ? 1 : 0) || isNaN(i) - isNaN(j);
        const all = Array.from(data, (_, i) => i);
        assert.deepEqual(
          [...sortByDigits(wordsOf(data, false))],
          [...all].sort((i, j) => compare(i, j) || i - j),
        );
        assert.deepEqual(
          [...sortByDigits(wordsOf(data, true))],
          [...all].sort((i, j) => compare(j, i) || i - j),
        );
      });

  it('orders int32, its ends included', () => {
    const data = Int32Array.of(5, -1, 2 ** 31 - 1, 0, -(2 ** 31), -1);
    assert.deepEqual([...sortByDigits(wordsOf(data, false))], [4, 1, 5, 3, 0, 2]);
    assert.deepEqual([...sortByDigits(wordsOf(data, true))], [2, 0, 3, 1, 5, 4]);
  });

  it('tells NaN of every kind from infinity alone', () => {
    const bits = new Uint32Array([0xffc00001, 0x7f800000, 0x7fc00000]);
    assert.deepEqual([...sortByDigits(wordsOf(new Float32Array(bits.buffer), false))], [1, 0, 2]);
  });

  it('leaves equal keys, one key and none as they are', () => {
    for (const n of [0, 1, 300])
      assert.deepEqual([...sortByDigits(wordsOf(new Float64Array(n).fill(3), false))], [...Array(n).keys()]);
  });
});
