import type { Measurement } from './alloy.js';
import { readTable } from './csv-table.js';
import { isBorg, parseBorg } from './read-borg.js';
import { parseMeasurements } from './read-measurements.js';

/**
 * The measurements in a CSV file: the Citrine MPEA data set when it has a column `FORMULA`, else a
 * table of atomic fractions.
 *
 * Throws a `DataError` of one line that names the file, the row where there is one, what was
 * expected and what found.
 */
export function readMeasurements(path: string): Measurement[] {
  const table = readTable(path);
  return isBorg(table) ? parseBorg(table) : parseMeasurements(table);
}
