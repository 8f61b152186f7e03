import assert from 'node:assert/strict';
import { count, finite } from '../../src/core/check.js';
import { checkOptions } from '../../src/core/options.js';

describe('options', () => {
  interface Options {
    readonly rate: number;
    readonly steps?: number;
  }
  const read = (options: unknown) =>
    checkOptions<Options>('f', options as Options, { rate: { needed: finite }, steps: count });

  it('are copied, and those left out stay out', () => {
    const given = { rate: 1, steps: 2 };
    const own = read(given);
    given.rate = 5;
    assert.deepEqual(own, { rate: 1, steps: 2 });
    assert.deepEqual(read({ rate: 1 }), { rate: 1 });
    assert.deepEqual(read({ rate: 1, steps: undefined }), { rate: 1 });
    assert.deepEqual(read(Object.assign(Object.create(null) as object, { rate: 1 })), { rate: 1 });
  });

  it('are checked one by one; one that is needed may not be left out', () => {
    assert.throws(() => read({ rate: NaN }), /^RangeError: f: expected rate to be a finite number, got NaN/);
    assert.throws(() => read({ rate: 1, steps: 0 }), /^RangeError: f: expected steps to be a positive integer, got 0/);
    assert.throws(() => read({ rate: 1, steps: null }), /^TypeError: f: expected steps/);
    assert.throws(() => read({}), /^TypeError: f: expected rate to be a finite number, got undefined/);
    assert.throws(() => read({ rate: undefined }), /^TypeError: f: expected rate/);
  });

  it('are none but those that are known, names of Object.prototype least of all', () => {
    for (const name of ['rates', 'constructor', 'toString', '__proto__'])
      assert.throws(
        () => read(Object.defineProperty({ rate: 1 }, name, { value: 1, enumerable: true })),
        new RegExp(`^TypeError: f: expected no options but rate, steps, got ${name}`),
      );
  });

  it('are a plain object', () => {
    for (const none of [undefined, null, 3, [], new Map(), Promise.resolve({}), new Date(0)])
      assert.throws(() => read(none), /^TypeError: f: expected an object with rate, steps, got/);
  });
});
