import Table from 'cli-table3';
import { show } from '../compare.js';
import { differenceOf, ranked, rowsOf, type Results, type Row } from './summary.js';

/** A table as rows of text, its head first. */
export type Cells = readonly (readonly string[])[];

const last = ({ last: value, diverged }: Row, digits: number): string =>
  [value.count === 0 ? '' : show(value, digits), diverged > 0 ? `${diverged} diverged` : ''].filter(Boolean).join(', ');

/**
 * Per method: the primary metric after the last epoch with its 95 % interval over the splits, from
 * three splits on; its paired difference from the best method; and the density left by pruning.
 */
export function mainTable(results: Results): Cells {
  const [metric] = results.about.metrics;
  const { name, unit, digits } = metric!;
  const [best] = ranked(results);
  return [
    ['method', `test ${name} (${unit})`, 'minus best', 'splits', 'density', 'per layer'],
    ...rowsOf(results).map((row) => [
      row.title,
      last(row, digits),
      !best || row.name === best.name ? '-' : show(differenceOf(row, best), digits),
      `${row.cells.length}`,
      row.density.count > 0 ? row.density.mean.toFixed(3) : '-',
      row.layers.length > 0 ? layersShort(row.layers) : '-',
    ]),
  ];
}

/** Densities of a few layers each, of many as a range. */
const layersShort = (layers: readonly number[]): string =>
  layers.length <= 4
    ? layers.map((d) => d.toFixed(3)).join(' ')
    : `${Math.min(...layers).toFixed(3)} to ${Math.max(...layers).toFixed(3)}`;

/**
 * The choice of the best epoch by test items, as the paper's scripts do: too good by construction.
 */
export function bestEpochTable(results: Results): Cells {
  const { name, unit, digits } = results.about.metrics[0]!;
  return [
    ['method', `last epoch, ${name} (${unit})`, 'best epoch on the TEST items'],
    ...rowsOf(results)
      .filter(({ best }) => best.count > 0)
      .map((row) => [row.title, last(row, digits), show(row.best, digits)]),
  ];
}

/** A table for a terminal. */
export function forTerminal([head, ...rows]: Cells): string {
  const table = new Table({ head: [...head!], style: { head: [], border: [] } });
  for (const row of rows) table.push([...row]);
  return table.toString();
}

/** A table in Markdown. */
export function inMarkdown([head, ...rows]: Cells): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head!), line(head!.map(() => '---')), ...rows.map(line)].join('\n');
}

/** A table in HTML, of text that is escaped already. */
export function inHtml([head, ...rows]: Cells): string {
  const line = (tag: string, cells: readonly string[]): string =>
    `<tr>${cells.map((c) => `<${tag}>${c}</${tag}>`).join('')}</tr>`;
  return `<table><thead>${line('th', head!)}</thead><tbody>${rows.map((r) => line('td', r)).join('')}</tbody></table>`;
}
