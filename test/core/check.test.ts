import assert from 'node:assert/strict';
import { cpu } from 'bigrad';
import {
  aDType,
  aFloatType,
  aFunction,
  anyNumber,
  aString,
  atLeast,
  between,
  count,
  finite,
  flag,
  integer,
  later,
  listOf,
  listThat,
  methodsOf,
  oneOf,
  positive,
  whole,
  type Check,
} from '../../src/core/check.js';
import { aDevice } from '../../src/core/device.js';

/**
 * What makes a check, values that pass, values of the kind that do not, and the words for what is
 * expected.
 */
const table: [string, () => Check<unknown>, unknown[], unknown[], RegExp][] = [
  ['anyNumber', () => anyNumber, [0, -1.5, NaN, Infinity], [], /expected x to be a number, got/],
  ['finite', () => finite, [0, -1.5], [NaN, Infinity, -Infinity], /expected x to be a finite number, got/],
  ['positive', () => positive, [1e-300, 2], [0, -1, NaN, Infinity], /expected x above 0, got/],
  ['atLeast(1)', () => atLeast(1), [1, 1e300], [0.5, NaN, Infinity], /expected x of at least 1, got/],
  ['atLeast(0, 1)', () => atLeast(0, 1), [0, 0.9], [1, -0.1, NaN], /expected x of at least 0 and below 1, got/],
  ['between(0, 1)', () => between(0, 1), [0, 0.5, 1], [-0.1, 1.1, NaN], /expected x from 0 to 1, got/],
  ['integer(1, 3)', () => integer(1, 3), [1, 2, 3], [0, 4, 1.5, NaN], /expected x to be an integer from 1 to 3, got/],
  ['count', () => count, [1, 7], [0, -1, 1.5, NaN, 2 ** 53], /expected x to be a positive integer, got/],
  ['whole', () => whole, [0, 7], [-1, 1.5, NaN, 2 ** 53], /expected x to be a non-negative integer, got/],
  ['flag', () => flag, [true, false], [], /expected x to be true or false, got/],
  ['aString', () => aString, ['', 'a'], [], /expected x to be a string, got/],
  ['oneOf(a, b, c)', () => oneOf('a', 'b', 'c'), ['a', 'c'], ['d', ''], /expected x 'a', 'b' or 'c', got/],
  ['oneOf(a)', () => oneOf('a'), ['a'], ['b'], /expected x 'a', got/],
  ['aFunction', () => aFunction, [Math.sin], [], /expected x to be a function, got/],
  ['aDType', () => aDType, ['float32', 'int32'], [], /expected dtype 'float32', 'float64' or 'int32', got/],
  ['aFloatType', () => aFloatType, ['float64'], [], /expected dtype|expected float32 or float64/],
  ['aDevice', () => aDevice, [cpu], [], /expected a device such as cpu, got/],
  ['listThat(count)', () => listThat(count), [[], [1, 2]], [[0], [1, -1]], /expected x/],
];
const others = [undefined, null, Symbol('s'), 1n, {}, [, 1], new Map(), Promise.resolve(1)];

describe('a check', () => {
  for (const [name, make, good, bad, words] of table)
    it(`${name} gives back what passes, and refuses the rest by the names of function and argument`, () => {
      const check = make();
      for (const value of good) assert.deepEqual(check('f', 'x', value), value);
      const refusal = (kind: string) => new RegExp(`^${kind}: f: ${words.source}`);
      for (const value of bad) assert.throws(() => check('f', 'x', value), refusal('RangeError'));
      for (const value of others) assert.throws(() => check('f', 'x', value), refusal('TypeError'));
    });

  it('of a dtype of floats refuses integers, and what is no dtype', () => {
    assert.throws(() => aFloatType('f', 'x', 'int32'), /^TypeError: f: expected float32 or float64, got int32/);
    for (const name of ['constructor', 'float16', ''])
      assert.throws(() => aDType('f', 'x', name), /^TypeError: f: expected dtype/);
  });

  it('that is left for later passes everything', () => {
    for (const value of others) assert.equal(later('f', 'x', value), value);
  });
});

describe('a list', () => {
  it('is copied entry by entry, with the place of each', () => {
    const given = [5, 6];
    const copy = listOf('f', 'axes', given, (v, i) => [v, i]);
    given.push(7);
    assert.deepEqual(copy, [
      [5, 0],
      [6, 1],
    ]);
  });

  it('has no holes, however long it is', () => {
    for (const list of [new Array(2), new Array(2 ** 32 - 1), [1, , 3]])
      assert.throws(() => listOf('f', 'axes', list, (v) => v), /^TypeError: f: expected axes without holes, got \[/);
    for (const none of [undefined, 'ab', { length: 1 }, new Set([1])])
      assert.throws(() => listOf('f', 'axes', none, (v) => v), /^TypeError: f: expected axes as a list, got/);
  });
});

describe('methods', () => {
  it('are those of the call, bound to their object', () => {
    const object = {
      n: 1,
      get: () => 0,
      add(this: { n: number }, k: number) {
        return this.n + k;
      },
    };
    const { add } = methodsOf('f', 'an adder', object, ['add']);
    object.add = () => -1;
    assert.equal(add.call({ n: 100 }, 2), 3);
    assert.deepEqual(Object.keys(methodsOf('f', 'an adder', object, ['add'])), ['add']);
  });

  it('are functions', () => {
    for (const none of [undefined, null, 3, {}, { add: 1 }])
      assert.throws(
        () => methodsOf('f', 'an adder', none as unknown as { add(): void }, ['add']),
        /^TypeError: f: expected an adder, got/,
      );
  });
});
