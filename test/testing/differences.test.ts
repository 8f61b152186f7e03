import assert from 'node:assert/strict';
import fc from 'fast-check';
import { difference, settled } from '../../src/testing/differences.js';

const points = fc.double({ min: 0.01, max: 1, noNaN: true });
/** Functions with their derivatives. */
const known: [string, (x: number) => number, (x: number) => number][] = [
  ['log', Math.log, (x) => 1 / x],
  ['x^-2', (x) => x ** -2, (x) => -2 * x ** -3],
  ['exp', Math.exp, Math.exp],
  ['sin(300 x)', (x) => Math.sin(300 * x), (x) => 300 * Math.cos(300 * x)],
];

describe('differences', () => {
  it('are exact for polynomials of degree 4, but for rounding', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 5, maxLength: 5 }), (c) => {
        const f = (h: number): number => c.reduceRight((y, a) => y * h + a, 0);
        assert.ok(Math.abs(difference(f) - c[1]!) < 1e-11);
      }),
    );
  });

  for (const [name, f, slope] of known)
    it(`that settle are within their error of the derivative of ${name}`, () => {
      fc.assert(
        fc.property(points, (x) => {
          const { value, error } = settled((h) => f(x + h));
          const rounding = 1e-8 * Math.max(1, Math.abs(f(x)), Math.abs(slope(x)));
          assert.ok(Math.abs(value - slope(x)) <= error + rounding, `${value}, not ${slope(x)} within ${error}`);
          assert.ok(error < 1e-6 * Math.max(1, Math.abs(slope(x))), `an error of ${error}`);
        }),
      );
    });

  it('have a large error where they do not settle, and an infinite one where there are none', () => {
    const jump = settled((h) => Math.sign(h - 1e-9));
    assert.ok(jump.error > 100);
    assert.deepEqual(
      settled(() => NaN),
      { value: NaN, error: Infinity },
    );
  });

  it('skip steps that leave the domain', () => {
    assert.ok(Number.isNaN(difference((h) => Math.sqrt(1e-3 + h))));
    const { value, error } = settled((h) => Math.sqrt(1e-3 + h));
    assert.ok(Math.abs(value - 0.5 / Math.sqrt(1e-3)) < 1e-6 && error < 1e-5);
  });
});
