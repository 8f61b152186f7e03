import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import type { CellResult } from '../cells.js';
import { readCells, readFolder, StoreError, type Folder } from '../store.js';
import { svgOf } from '../svg.js';
import { explain } from './explain.js';
import { plotsOf } from './plots.js';
import type { Results } from './summary.js';
import { bestEpochTable, inHtml, inMarkdown, mainTable, type Cells } from './table.js';

const STYLE = `body{font:16px/1.5 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#111;background:#fff}
table{border-collapse:collapse;margin:1rem 0}th,td{border:1px solid #999;padding:.25rem .6rem;text-align:left}
pre{overflow:auto;font-size:13px;line-height:1.3}svg{max-width:100%;height:auto}`;

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]!);
const escapedCells = (cells: Cells): Cells => cells.map((row) => row.map(escaped));

const BEST = `The last epoch counts. The paper's scripts choose the best epoch by the test items, which makes numbers too good. The last column shows by how much here: the epochs that it chooses from are those of the learning curves, before the statistics of batch norm are taken anew.`;

/** What was run, in lines. */
function facts({ identity, about, machine }: Folder, cells: readonly CellResult[]): string[] {
  const [cell] = cells;
  return [
    about.title,
    `Task: ${about.task.title}. Protocol: ${about.protocol}.`,
    cell ? `${cell.trainCount} items to train on and ${cell.testCount} to test on in the first split.` : '',
    `Trained on ${identity.device}; bigrad ${identity.bigrad}; ${Object.entries(machine)
      .map(([k, v]) => `${k} ${v}`)
      .join('; ')}.`,
  ].filter(Boolean);
}

const configuration = ({ identity }: Folder, cells: readonly CellResult[]): string =>
  JSON.stringify(
    { ...identity, methods: Object.fromEntries(cells.map(({ method }) => [method.name, method.config])) },
    null,
    2,
  );

/** One self-contained HTML page: what was run, what came of it in words, tables and plots. */
export async function htmlOf(folder: Folder, cells: readonly CellResult[]): Promise<string> {
  const results: Results = { about: folder.about, cells };
  const figures = await Promise.all(
    plotsOf(results).map(async ({ heading, spec }) => `<h2>${escaped(heading)}</h2>\n${await svgOf(spec)}`),
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${escaped(folder.about.title)}</title><style>${STYLE}</style></head><body>
<h1>${escaped(folder.about.title)}</h1>
<p>${facts(folder, cells).map(escaped).join('<br>')}</p>
<h2>What the numbers show</h2>
<p>${escaped(explain(results))}</p>
${inHtml(escapedCells(mainTable(results)))}
${figures.join('\n')}
<h2>The best epoch on the test items</h2>
<p>${escaped(BEST)}</p>
${inHtml(escapedCells(bestEpochTable(results)))}
<h2>Configuration</h2>
<pre>${escaped(configuration(folder, cells))}</pre>
</body></html>
`;
}

/** The same in Markdown, without plots. */
export function markdownOf(folder: Folder, cells: readonly CellResult[]): string {
  const results: Results = { about: folder.about, cells };
  return [
    `# ${folder.about.title}`,
    facts(folder, cells).join('\n'),
    explain(results),
    inMarkdown(mainTable(results)),
    '## The best epoch on the test items',
    BEST,
    inMarkdown(bestEpochTable(results)),
    '## Configuration',
    `\`\`\`json\n${configuration(folder, cells)}\n\`\`\`\n`,
  ].join('\n\n');
}

/**
 * Writes report.html and report.md into a folder of results, and returns the path of the page;
 * throws a StoreError where there is nothing to report. Without `cells` all of the folder count.
 */
export async function writeReport(folder: string, cells = [...readCells(folder).values()]): Promise<string> {
  const record = readFolder(folder);
  if (cells.length === 0) throw new StoreError(`${folder}: expected finished cells, found none`);
  const path = join(folder, 'report.html');
  const [html, markdown] = [await htmlOf(record, cells), markdownOf(record, cells)];
  try {
    writeFileAtomic.sync(path, html); // other shards write it too
    writeFileAtomic.sync(join(folder, 'report.md'), markdown);
  } catch (error) {
    throw new StoreError(`${folder}: expected a folder to write the report to, found ${(error as Error).message}`);
  }
  return path;
}
