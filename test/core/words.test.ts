import assert from 'node:assert/strict';
import { tensor } from 'bigrad';
import { cut, kindOf, quote, show } from '../../src/core/words.js';

class Apple {
  readonly taste = 'sweet';
}
const revoked = () => {
  const { proxy, revoke } = Proxy.revocable([], {});
  revoke();
  return proxy;
};

describe('what a value is, in words', () => {
  const cases: [unknown, string][] = [
    [null, 'null'],
    [undefined, 'undefined'],
    [3, 'the number 3'],
    [NaN, 'the number NaN'],
    [true, 'the boolean true'],
    ['a "b"', 'the string "a \\"b\\""'],
    [Symbol('s'), 'the symbol Symbol(s)'],
    [2n ** 64n - 1n, 'the bigint 18446744073709551615'],
    [1n - 2n ** 64n, 'the bigint -18446744073709551615'],
    [2n ** 64n, 'a bigint of many digits'],
    [-(2n ** 64n), 'a bigint of many digits'],
    [() => 1, 'a function'],
    [[1], 'an array'],
    [{}, 'an object'],
    [Object.create(null), 'an object'],
    [{ constructor: { name: 'Fake' } }, 'an object'],
    [
      new (class {
        readonly x = 1;
      })(),
      'an object',
    ],
    [Object.create({ constructor: undefined }), 'an object'],
    [Object.create({ constructor: { name: 3 } }), 'an object'],
    [new Apple(), 'an Apple'],
    [new Map(), 'a Map'],
    [new Uint8Array(1), 'an Uint8Array'],
    [tensor(1), 'a Tensor'],
    [revoked(), 'an object that cannot be looked at'],
  ];
  for (const [value, words] of cases)
    it(`is ${words}`, () => {
      assert.equal(kindOf(value), words);
    });

  it('is cut where it is long', () => {
    assert.equal(kindOf('x'.repeat(60)), `the string "${'x'.repeat(60)}"`);
    assert.equal(kindOf('x'.repeat(61)), `the string "${'x'.repeat(60)}..."`);
    assert.equal(kindOf(Symbol('x'.repeat(99))).length, 'the symbol '.length + 63);
    const long = {
      ['A'.repeat(99)]: class {
        readonly x = 1;
      },
    }['A'.repeat(99)]!;
    assert.equal(kindOf(new long()), `an ${'A'.repeat(60)}...`);
    assert.equal(quote('x'.repeat(61)), `"${'x'.repeat(60)}..."`);
    assert.equal(cut('abcd', 3), 'abc...');
    assert.equal(cut('abc', 3), 'abc');
  });
});

describe('a value in a message', () => {
  const cases: [unknown, string][] = [
    [2, '2'],
    [-0.5, '-0.5'],
    ['a', '"a"'],
    [[], '[]'],
    [[2, 3], '[2,3]'],
    [[1, [2, 'x'], {}], '[1,[2,"x"],an object]'],
    [[[[[1]]]], '[[[an array]]]'],
    [new Array(2), '[a hole,a hole]'],
    [{ length: 2 }, 'an object'],
    [new Apple(), 'an Apple'],
  ];
  for (const [value, text] of cases)
    it(`stands as ${text}`, () => {
      assert.equal(show(value), text);
    });

  it('stands with the first sixteen of its entries', () => {
    const count = (n: number) => Array.from({ length: n }, (_, i) => i);
    assert.equal(show(count(16)), `[${count(16).join(',')}]`);
    assert.equal(show(count(17)), `[${count(16).join(',')},... 17 in all]`);
    assert.ok(show(new Array(2 ** 32 - 1)).length < 200);
  });

  it('is never read where that throws', () => {
    const throwing = new Proxy([1], {
      has: () => {
        throw new Error('not now');
      },
    });
    assert.equal(show(throwing), 'an array that cannot be read');
    assert.equal(show(revoked()), 'an object that cannot be looked at');
  });
});
