import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { show } from '../lab/compare.js';
import { exitBy } from '../lab/exit.js';
import { rowsOf } from '../lab/report/summary.js';
import { forTerminal, type Cells } from '../lab/report/table.js';
import { readCells, readFolder } from '../lab/store.js';
import { byItem, testItems } from './items.js';
import { EXHIBITS, type Exhibit, type Part } from './exhibits.js';

const START = fileURLToPath(new URL('../bi-rpt/main.ts', import.meta.url));

/** The folder of a part of an exhibit. */
const folderOf = (out: string, exhibit: Exhibit, { options }: Part): string =>
  join(out, exhibit.name, options.filter((o) => !o.startsWith('--')).join('-'));

/** Runs one experiment as `npm start` does; returns its exit code. */
const run = (exhibit: Exhibit, part: Part, out: string, also: readonly string[]): Promise<number> =>
  new Promise((resolve, reject) => {
    const options = [...part.options, '--methods', exhibit.methods.join(','), '--out', folderOf(out, exhibit, part)];
    const child = spawn(process.execPath, [...process.execArgv, START, ...options, ...also], { stdio: 'inherit' });
    child.on('error', reject);
    child.on('exit', (code) => {
      resolve(code ?? 1);
    });
  });

/** The results of a part beside what the paper prints. */
export function besidePaper(folder: string, { paper }: Part): Cells {
  const { about } = readFolder(folder);
  const { name, unit, digits } = about.metrics[0]!;
  return [
    ['method', `here, ${name} (${unit})`, 'in the paper', 'splits'],
    ...rowsOf({ about, cells: [...readCells(folder).values()] }).map((row) => [
      row.title,
      show(row.last, digits),
      paper[row.name] ?? '-',
      `${row.cells.length}`,
    ]),
  ];
}

interface Parsed {
  readonly list: boolean;
  readonly size: string;
  readonly data?: string;
  readonly splits?: string;
  readonly workers: string;
  readonly out?: string;
}

const number = (text: string): string => {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('Expected a positive integer.');
  return text;
};

const program = (): Command =>
  new Command('npm run paper --')
    .description('Makes a table of the paper, or one that it lacks, beside the numbers of the paper.')
    .argument('[exhibit]', `one of ${EXHIBITS.map(({ name }) => name).join(', ')}`)
    .option('--list', 'says what there is', false)
    .addOption(new Option('--size <name>', 'as of npm start').choices(['quick', 'default', 'full']).default('default'))
    .option('--data <file>', 'measurements (default: the synthetic experiment)')
    .option('--splits <n>', 'how many splits', number)
    .option('--workers <n>', 'processes at the same time', number, '1')
    .option('--out <folder>', 'where results go; what is there is not computed again (default: results/paper-SIZE)')
    .allowExcessArguments(false)
    .exitOverride();

async function main(args: readonly string[]): Promise<number> {
  const command = program();
  try {
    command.parse(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    throw error;
  }
  const { list, size, data, splits, workers, out = `results/paper-${size}` } = command.opts<Parsed>();
  const exhibit = EXHIBITS.find(({ name }) => name === command.args[0]);
  if (list || !exhibit) {
    const text = `${EXHIBITS.map(({ name, title, parts }) => `${name.padEnd(12)}${title} (${parts.length} ${parts.length === 1 ? 'experiment' : 'experiments'})`).join('\n')}\n`;
    if (list) process.stdout.write(text);
    else process.stderr.write(`expected an exhibit, found ${command.args[0] ?? 'none'}; there are:\n${text}`);
    return list ? 0 : 2;
  }
  const also = [
    '--size',
    size,
    '--workers',
    workers,
    ...(data ? ['--data', data] : []),
    ...(splits ? ['--splits', splits] : []),
  ];
  for (const [i, part] of exhibit.parts.entries()) {
    process.stdout.write(`\nExperiment ${i + 1} of ${exhibit.parts.length}: ${part.title}\n`);
    const code = await run(exhibit, part, out, also);
    if (code !== 0) return code;
  }
  process.stdout.write(`\n${exhibit.title}${data ? '' : ' (here on SYNTHETIC measurements)'}\n`);
  for (const part of exhibit.parts) {
    const folder = folderOf(out, exhibit, part);
    process.stdout.write(`\n${part.title}\n${forTerminal(besidePaper(folder, part))}\n`);
    if (exhibit.items) {
      const protocol = part.options[part.options.indexOf('--protocol') + 1]!;
      process.stdout.write(`\nStrengths in GPa\n${forTerminal(byItem(folder, testItems(data ?? null, protocol)))}\n`);
    }
  }
  return 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) exitBy(main);
