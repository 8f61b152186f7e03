import assert from 'node:assert/strict';
import fc from 'fast-check';
import { alloyType, checkAlloy, compositionKey, DataError, elementCount } from '../../../examples/x-yield/index.js';
import { alloy, equimolar, fractions } from './arbitraries.js';

describe('alloy', () => {
  it('passes every composition that sums to one', () => {
    fc.assert(
      fc.property(alloy, (a) => {
        checkAlloy(a);
      }),
    );
  });

  it('counts the elements present', () => {
    fc.assert(fc.property(fractions, (f) => elementCount({ fractions: f }) === 11 - f.filter((x) => x === 0).length));
  });

  it('names types by their number of elements', () => {
    const types = [['W'], ['W', 'V'], ['W', 'V', 'Ti'], ['Al', 'Cr', 'Fe', 'Hf', 'Mo', 'Nb']];
    assert.deepEqual(
      types.map((symbols) => alloyType({ fractions: equimolar(...symbols) })),
      ['unary', 'binary', 'ternary', 'senary'],
    );
    assert.equal(alloyType({ fractions: new Array<number>(11).fill(1 / 11) }), '11-element');
  });

  it('keys an alloy by composition, rounded, and not by temperature', () => {
    const rounded = equimolar('Mo', 'Nb', 'Ti').map((f) => +f.toFixed(6));
    assert.equal(compositionKey({ fractions: rounded }), compositionKey({ fractions: equimolar('Mo', 'Nb', 'Ti') }));
    assert.notEqual(compositionKey({ fractions: equimolar('Mo', 'Nb') }), compositionKey({ fractions: rounded }));
    const moved = rounded.map((f) => (f > 0 ? f : 0)).reverse();
    assert.notEqual(compositionKey({ fractions: moved }), compositionKey({ fractions: rounded }));
  });

  const good = equimolar('Mo', 'Nb', 'Ti', 'Ta');
  const bad: [string, { fractions: number[]; temperature: number }, RegExp][] = [
    ['ten fractions', { fractions: good.slice(1), temperature: 300 }, /11 atomic fractions, found 10$/],
    ['a negative fraction', { fractions: [-0.25, 0.25, ...good.slice(2)], temperature: 300 }, /of Al .*found -0.25$/],
    ['NaN as a fraction', { fractions: [NaN, ...good.slice(1)], temperature: 300 }, /of Al .*found NaN$/],
    ['a sum of 1.01', { fractions: [0.01, ...good.slice(1)], temperature: 300 }, /sum to 1 .*found a sum of 1.01$/],
    ['zero kelvin', { fractions: good, temperature: 0 }, /above 0 K, found 0$/],
    ['an infinite temperature', { fractions: good, temperature: Infinity }, /above 0 K, found Infinity$/],
  ];
  for (const [what, value, message] of bad) {
    it(`refuses ${what} in one line that starts with the place`, () => {
      assert.throws(
        () => {
          checkAlloy(value, 'row 7');
        },
        (error) =>
          error instanceof DataError && message.test(error.message) && /^row 7: expected [^\n]*$/.test(error.message),
      );
    });
  }

  it('passes sums within the rounding of published fractions', () => {
    checkAlloy({ fractions: good.map((f) => f * 1.0009), temperature: 300 });
    assert.throws(() => {
      checkAlloy({ fractions: good.map((f) => f * 1.0011), temperature: 300 });
    }, DataError);
  });
});
