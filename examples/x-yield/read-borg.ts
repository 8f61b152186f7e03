import { checkAlloy, type Measurement } from './alloy.js';
import { columnIndex, numberIn, type Table } from './csv-table.js';
import { DataError, quoted } from './data-error.js';
import { SYMBOLS } from './elements.js';

const FORMULA = 'FORMULA';
const MICROSTRUCTURE = 'PROPERTY: Microstructure';
const TEMPERATURE = 'PROPERTY: Test temperature ($^\\circ$C)';
const STRENGTH = 'PROPERTY: YS (MPa)';
const TERM = /([A-Z][a-z]?)(\d+\.?\d*|\.\d+)?\s*/y;

/** Whether a table is laid out as the Citrine MPEA data set: it has a column `FORMULA`. */
export function isBorg(table: Table): boolean {
  return table.header.cells.includes(FORMULA);
}

/**
 * The molar amounts in a formula such as `Al0.25 Nb1 Ti1`, by symbol; no number means one.
 *
 * Throws a `DataError` for text that is no row of element symbols and amounts, or amounts that sum
 * to 0.
 */
export function parseFormula(formula: string, where = 'formula'): Map<string, number> {
  const amounts = new Map<string, number>();
  let end = 0;
  while (end < formula.length) {
    TERM.lastIndex = end;
    const [text, symbol, amount = '1'] = TERM.exec(formula) ?? [];
    if (text === undefined || symbol === undefined) break;
    amounts.set(symbol, (amounts.get(symbol) ?? 0) + Number(amount));
    end += text.length;
  }
  if (end < formula.length || !(total(amounts) > 0)) {
    throw new DataError(where, 'a formula such as "Al0.25 Nb1 Ti1"', quoted(formula));
  }
  return amounts;
}

/**
 * The measurements of the data set of Borg et al. (Sci. Data 7:430, 2020) that the X-Yield paper
 * keeps: only the 11 elements, microstructure BCC, tested at 20 degrees Celsius or above, yield
 * strength present; the mean over rows of equal formula and temperature, in K and GPa. Rows the
 * filter drops are not checked beyond their formula.
 *
 * Throws a `DataError` for a missing column, the first bad row, and when no row is left.
 */
export function parseBorg(table: Table): Measurement[] {
  const [formula, microstructure, celsius, strength] = [FORMULA, MICROSTRUCTURE, TEMPERATURE, STRENGTH].map((column) =>
    columnIndex(table, column),
  ) as [number, number, number, number];
  const groups = new Map<string, { fractions: number[]; temperature: number; strengths: number[] }>();
  for (const { where, cells } of table.rows) {
    const amounts = parseFormula(cells[formula]!, where);
    if (![...amounts.keys()].every((symbol) => SYMBOLS.includes(symbol))) continue;
    if (cells[microstructure] !== 'BCC' || cells[celsius] === '' || cells[strength] === '') continue;
    const degrees = numberIn(cells[celsius]!, 'test temperature', where);
    if (degrees < 20) continue;
    const megapascals = numberIn(cells[strength]!, 'yield strength', where);
    if (megapascals < 0) throw new DataError(where, 'a yield strength that is not negative', `${megapascals}`);
    const alloy = { fractions: normalised(amounts), temperature: degrees + 273.15 };
    checkAlloy(alloy, where);
    const key = `${cells[formula]} ${degrees}`;
    const group = groups.get(key) ?? { ...alloy, strengths: [] };
    group.strengths.push(megapascals / 1000);
    groups.set(key, group);
  }
  if (groups.size === 0) {
    throw new DataError(table.path, `a BCC alloy of ${SYMBOLS.join(' ')} with a yield strength`, 'none');
  }
  return [...groups.values()].map(({ strengths, ...alloy }) => ({
    ...alloy,
    strength: strengths.reduce((sum, value) => sum + value, 0) / strengths.length,
  }));
}

function normalised(amounts: ReadonlyMap<string, number>): number[] {
  return SYMBOLS.map((symbol) => (amounts.get(symbol) ?? 0) / total(amounts));
}

function total(amounts: ReadonlyMap<string, number>): number {
  return [...amounts.values()].reduce((sum, amount) => sum + amount, 0);
}
