import fc from 'fast-check';
import type { Alloy, Measurement } from '../../../examples/x-yield/index.js';

/** The 11 fractions of 1 to 11 elements. */
export const fractions = fc
  .array(fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 100 })), { minLength: 11, maxLength: 11 })
  .filter((amounts) => amounts.some((amount) => amount > 0))
  .map((amounts) => amounts.map((amount) => amount / amounts.reduce((sum, other) => sum + other, 0)));

export const temperature = fc.integer({ min: 1, max: 3000 });

export const alloy: fc.Arbitrary<Alloy> = fc.record({ fractions, temperature });

export const measurement: fc.Arbitrary<Measurement> = fc.record({
  fractions,
  temperature,
  strength: fc.double({ min: 0, max: 3, noNaN: true }),
});

export const seed = fc.maxSafeNat();

/** Equal amounts of elements out of Al Cr Fe Hf Mo Nb Ta Ti V W Zr. */
export function equimolar(...symbols: string[]): number[] {
  return 'Al Cr Fe Hf Mo Nb Ta Ti V W Zr'
    .split(' ')
    .map((symbol) => (symbols.includes(symbol) ? 1 / symbols.length : 0));
}
