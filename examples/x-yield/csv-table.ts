import { readFileSync } from 'node:fs';
import { CsvError, parse } from 'csv-parse/sync';
import { DataError, quoted } from './data-error.js';

/** A CSV file as text: its distinct column names and rows with as many cells. */
export interface Table {
  readonly path: string;
  readonly header: Row;
  readonly rows: readonly Row[];
}

/** A row of a table; `where` names the file and the line, from 1, on which the row starts. */
export interface Row {
  readonly where: string;
  readonly cells: readonly string[];
}

/**
 * The table in a CSV file (comma-separated, UTF-8, blank lines skipped).
 *
 * Throws a `DataError` for a file that is missing, a directory, empty, malformed or without rows.
 */
export function readTable(path: string): Table {
  const [header, ...rows] = parseRows(path, readText(path));
  if (!header) throw new DataError(path, 'a CSV file with a header line', 'an empty file');
  const twice = header.cells.find((column, i) => header.cells.indexOf(column) < i);
  if (twice !== undefined) throw new DataError(header.where, 'distinct columns', `${quoted(twice)} twice`);
  if (rows.length === 0) throw new DataError(path, 'rows after the header', 'none');
  for (const { where, cells } of rows) {
    if (cells.length !== header.cells.length) {
      throw new DataError(where, `${header.cells.length} cells as in the header`, `${cells.length}`);
    }
  }
  return { path, header, rows };
}

/** The position of a column; throws a `DataError` that shows the header when it is missing. */
export function columnIndex({ header }: Table, column: string): number {
  const index = header.cells.indexOf(column);
  if (index < 0) throw new DataError(header.where, `a column ${quoted(column)}`, quoted(header.cells.join(',')));
  return index;
}

/**
 * The finite number a cell holds; throws a `DataError` that calls the cell `what` when it holds
 * none.
 */
export function numberIn(cell: string, what: string, where: string): number {
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(cell) ? Number(cell) : NaN;
  if (!Number.isFinite(value)) throw new DataError(where, `a number as ${what}`, quoted(cell));
  return value;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const found = { ENOENT: 'no such file', EISDIR: 'a directory', EACCES: 'a file that may not be read' }[code ?? ''];
    throw new DataError(path, 'a CSV file', found ?? String(error));
  }
}

function parseRows(path: string, source: string): Row[] {
  // One line ending, because csv-parse counts CR LF inside quotes, or mixed with LF, as two lines.
  const text = source.replace(/\r\n?/g, '\n');
  const rows: Row[] = [];
  let read = 0; // lines in finished rows
  try {
    parse(text, {
      bom: true,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
      on_record: (cells: string[], { lines }) => {
        read = lines;
        const start = lines - (cells.join().match(/\n/g)?.length ?? 0);
        rows.push({ where: `${path}, line ${start}`, cells });
        return null;
      },
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    // The row that failed is the first with text after the finished ones; csv-parse names the line
    // where it gave up.
    const line = text.split('\n').findIndex((content, i) => i >= read && content.trim() !== '') + 1;
    const found = error.message.replace(/:.*/s, '').toLowerCase(); // 'quote not closed', 'invalid opening quote', ...
    throw new DataError(`${path}, line ${line}`, 'well-formed CSV', found);
  }
  return rows;
}
