import Table from 'cli-table3';

/** A table: what its first column names, and numbers in the others. */
export interface Columns {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A table for a terminal. */
export function terminalTable({ head, rows }: Columns): string {
  const table = new Table({
    head: [...head],
    colAligns: head.map((_, i) => (i === 0 ? 'left' : 'right')),
    style: { head: [], border: [] },
  });
  table.push(...rows.map((cells) => [...cells]));
  return table.toString();
}

const MOST = 6; // columns that a reader of Markdown can follow

/**
 * A table as Markdown. One with more than six columns becomes several, which all begin with its
 * first column.
 */
export function markdownTable({ head, rows }: Columns): string {
  const parts = Math.ceil((head.length - 1) / (MOST - 1));
  const width = Math.ceil((head.length - 1) / parts);
  return Array.from({ length: parts }, (_, i) => {
    const part = ([first, ...others]: readonly string[]) => [first!, ...others.slice(i * width, (i + 1) * width)];
    const align = [
      '---',
      ...part(head)
        .slice(1)
        .map(() => '---:'),
    ];
    return [part(head), align, ...rows.map(part)].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  }).join('\n\n');
}
