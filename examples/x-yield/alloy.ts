import { DataError } from './data-error.js';
import { SYMBOLS } from './elements.js';

/** A composition at a temperature: atomic fractions in the order of `SYMBOLS`, temperature in K. */
export interface Alloy {
  readonly fractions: readonly number[];
  readonly temperature: number;
}

/** An alloy with its yield strength in GPa and, where the data name one, its test fold. */
export interface Measurement extends Alloy {
  readonly strength: number;
  readonly fold?: number;
}

/** How far from one the fractions of an alloy may sum: published compositions are rounded. */
export const SUM_TOLERANCE = 1e-3;

/**
 * Passes an alloy whose 11 fractions are finite, not negative and sum to one, at a finite
 * temperature above 0 K.
 *
 * Throws a `DataError` that starts with `where` otherwise.
 */
export function checkAlloy(alloy: Alloy, where = 'alloy'): void {
  const { fractions, temperature } = alloy;
  if (fractions.length !== SYMBOLS.length) {
    throw new DataError(where, `${SYMBOLS.length} atomic fractions`, `${fractions.length}`);
  }
  fractions.forEach((fraction, i) => {
    if (!Number.isFinite(fraction) || fraction < 0) {
      throw new DataError(where, `a fraction of ${SYMBOLS[i]} that is finite and not negative`, `${fraction}`);
    }
  });
  const sum = fractions.reduce((total, fraction) => total + fraction, 0);
  if (Math.abs(sum - 1) > SUM_TOLERANCE) {
    throw new DataError(where, `fractions that sum to 1 within ${SUM_TOLERANCE}`, `a sum of ${+sum.toFixed(6)}`);
  }
  if (!Number.isFinite(temperature) || temperature <= 0) {
    throw new DataError(where, 'a finite temperature above 0 K', `${temperature}`);
  }
}

/** The number of elements present in an alloy: 3 for a ternary, 6 for a senary. */
export function elementCount(alloy: Pick<Alloy, 'fractions'>): number {
  return alloy.fractions.filter((fraction) => fraction > 0).length;
}

const TYPE_NAMES = ['unary', 'binary', 'ternary', 'quaternary', 'quinary', 'senary', 'septenary'];

/**
 * The name of an alloy's type by its number of elements: `ternary`, ..., `septenary`, then
 * `8-element`.
 */
export function alloyType(alloy: Pick<Alloy, 'fractions'>): string {
  const count = elementCount(alloy);
  return TYPE_NAMES[count - 1] ?? `${count}-element`;
}

/**
 * A text that two alloys share exactly when their fractions, rounded to 1e-4, agree, at whatever
 * temperatures.
 */
export function compositionKey(alloy: Pick<Alloy, 'fractions'>): string {
  return alloy.fractions.map((fraction) => Math.round(fraction * 1e4)).join(' ');
}

/**
 * The formula of an alloy, elements in order of their symbols: `MoNbTaTi` where all fractions are
 * equal to 1e-3, else with atomic percent, as in `Mo23.5Nb23.5Ta23.5Ti5.9W23.5`.
 */
export function formulaOf({ fractions }: Pick<Alloy, 'fractions'>): string {
  const present = fractions.flatMap((fraction, i) => (fraction > 0 ? [[SYMBOLS[i]!, fraction] as const] : []));
  const equal = present.every(([, fraction]) => Math.abs(fraction - 1 / present.length) < 1e-3);
  return present.map(([symbol, fraction]) => (equal ? symbol : `${symbol}${+(100 * fraction).toFixed(1)}`)).join('');
}
