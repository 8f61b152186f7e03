import { checkAlloy, type Measurement } from './alloy.js';
import { columnIndex, numberIn, type Row, type Table } from './csv-table.js';
import { DataError, quoted } from './data-error.js';
import { SYMBOLS } from './elements.js';

/**
 * The measurements of a table with one column of atomic fractions per element, `temperature_K`,
 * `yield_strength_GPa` and optionally `fold`, in any order.
 *
 * Throws a `DataError` for a missing column, one that is unknown, and the first row that is no
 * measurement.
 */
export function parseMeasurements(table: Table): Measurement[] {
  const known = [...SYMBOLS, 'temperature_K', 'yield_strength_GPa', 'fold'];
  for (const column of table.header.cells) {
    if (known.includes(column)) continue;
    const found = /^[A-Z][a-z]?$/.test(column) ? `the unknown element ${quoted(column)}` : quoted(column);
    throw new DataError(table.header.where, `columns out of ${known.join(' ')}`, found);
  }
  const elements = SYMBOLS.map((symbol) => columnIndex(table, symbol));
  const temperature = columnIndex(table, 'temperature_K');
  const strength = columnIndex(table, 'yield_strength_GPa');
  const fold = table.header.cells.indexOf('fold');
  return table.rows.map((row) => {
    const measurement: Measurement = {
      fractions: elements.map((i, n) => numberIn(row.cells[i]!, `the fraction of ${SYMBOLS[n]}`, row.where)),
      temperature: numberIn(row.cells[temperature]!, 'temperature_K', row.where),
      strength: strengthIn(row, strength),
      ...(fold >= 0 && { fold: foldIn(row, fold) }),
    };
    checkAlloy(measurement, row.where);
    return measurement;
  });
}

/** Far above any alloy's, in GPa: a larger number is in another unit. */
const MOST = 20;

function strengthIn({ cells, where }: Row, index: number): number {
  const strength = numberIn(cells[index]!, 'yield_strength_GPa', where);
  if (strength < 0) throw new DataError(where, 'a yield strength that is not negative', `${strength}`);
  if (strength > MOST) throw new DataError(where, `a yield strength of at most ${MOST} GPa (in MPa?)`, `${strength}`);
  return strength;
}

function foldIn({ cells, where }: Row, index: number): number {
  const cell = cells[index]!;
  if (!/^\d{1,4}$/.test(cell)) throw new DataError(where, 'a whole number as fold', quoted(cell));
  return Number(cell);
}
