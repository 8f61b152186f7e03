import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TopLevelSpec } from 'vega-lite';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import writeFileAtomic from 'write-file-atomic';
import { show } from '../lab/compare.js';
import { exitBy } from '../lab/exit.js';
import { rowsOf, type Results } from '../lab/report/summary.js';
import { forTerminal, type Cells } from '../lab/report/table.js';
import { readCells, readFolder, StoreError } from '../lab/store.js';
import { svgOf } from '../lab/svg.js';
import { SYMBOLS } from '../x-yield/elements.js';
import { DataError } from '../x-yield/data-error.js';
import { EXHIBITS, type Exhibit, type Part } from './exhibits.js';
import { densityPlot, densityTable, imagePlot } from './figures.js';
import { byInterval, byItem, testItems } from './items.js';
import { argumentsOf, timeOf } from './time.js';

const START = fileURLToPath(new URL('../bi-rpt/main.ts', import.meta.url));

/** The alloy of the pseudo-image: equal parts of six elements, at room temperature. */
const SHOWN = {
  fractions: SYMBOLS.map((symbol) => (['Mo', 'Nb', 'Ta', 'Ti', 'V', 'W'].includes(symbol) ? 1 / 6 : 0)),
  temperature: 296.15,
};

/** The folder of a part of an exhibit. */
const folderOf = (out: string, { name, of = name }: Exhibit, { options }: Part): string =>
  join(out, of, options.filter((o) => !o.startsWith('--')).join('-'));

/** Runs one experiment as `npm start` does; returns its exit code. */
const run = (args: readonly string[]): Promise<number> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...process.execArgv, START, ...args], { stdio: 'inherit' });
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

/** Writes a plot as SVG, and returns its path. */
async function writeSvg(path: string, spec: TopLevelSpec): Promise<string> {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileAtomic.sync(path, `${await svgOf(spec)}\n`);
  } catch (error) {
    throw new StoreError(`${path}: expected a place to write a figure to, found ${(error as Error).message}`);
  }
  return path;
}

/** What an exhibit shows of a part whose results are in a folder, as text. */
async function shown(exhibit: Exhibit, part: Part, folder: string, data: string | null): Promise<string> {
  const items = (): ReturnType<typeof testItems> =>
    testItems(data, part.options[part.options.indexOf('--protocol') + 1]!);
  const results = (): Results => ({
    about: readFolder(folder).about,
    cells: [...readCells(folder).values()].filter(({ method }) => exhibit.methods.includes(method.name)),
  });
  switch (exhibit.shows) {
    case 'items':
      return `${forTerminal(besidePaper(folder, part))}\n\nStrengths in GPa\n${forTerminal(byItem(folder, items()))}`;
    case 'intervals':
      return `95 % intervals of strengths in GPa\n${forTerminal(byInterval(folder, items()))}`;
    case 'densities':
      return `${forTerminal(densityTable(results()))}\nFigure: ${await writeSvg(`${folder}.svg`, densityPlot(part.title.replace(/, [^,]*$/, ''), results()))}`;
    default:
      return forTerminal(besidePaper(folder, part));
  }
}

interface Parsed {
  readonly list: boolean;
  readonly size: string;
  readonly data?: string;
  readonly splits?: string;
  readonly workers: string;
  readonly out?: string;
}

/** Options without `--data`, which testbeds of images do not take. */
const withoutData = (args: readonly string[]): string[] =>
  args.filter((a, i) => a !== '--data' && args[i - 1] !== '--data');

const number = (text: string): string => {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('Expected a positive integer.');
  return text;
};

const program = (): Command =>
  new Command('npm run paper --')
    .description(
      'Makes a table or a figure of the paper, or one that it lacks, beside the numbers of the paper that are known.',
    )
    .argument('[exhibit]', `one of ${EXHIBITS.map(({ name }) => name).join(', ')}`)
    .option('--list', 'says what there is, and how long each takes at this size', false)
    .addOption(new Option('--size <name>', 'as of npm start').choices(['quick', 'default', 'full']).default('default'))
    .option('--data <file>', 'measurements (default: the synthetic experiment)')
    .option('--splits <n>', 'how many splits', number)
    .option('--workers <n>', 'processes at the same time', number, '1')
    .option('--out <folder>', 'where results go; what is there is not computed again (default: results/paper-SIZE)')
    .allowExcessArguments(false)
    .exitOverride();

/** What there is to say of an exhibit, or what data it lacks. */
function orLacking(say: (exhibit: Exhibit) => string, exhibit: Exhibit): string {
  try {
    return say(exhibit);
  } catch (error) {
    if (error instanceof DataError) return `Cannot run so: ${error.message}`;
    throw error;
  }
}

async function make(args: readonly string[]): Promise<number> {
  const command = program();
  try {
    command.parse(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    throw error;
  }
  const { list, size, data, splits, workers, out = `results/paper-${size}` } = command.opts<Parsed>();
  const also = ['--size', size, ...(data ? ['--data', data] : []), ...(splits ? ['--splits', splits] : [])];
  const of =
    (exhibit: Exhibit) =>
    (part: Part): string[] =>
      argumentsOf(exhibit, part, part.options.includes('--testbed') ? withoutData(also) : also);
  const exhibit = EXHIBITS.find(({ name }) => name === command.args[0]);
  const time = (e: Exhibit): string => timeOf(e, of(e), +workers);
  if (list) {
    for (const e of EXHIBITS)
      process.stdout.write(`${e.name.padEnd(15)}${e.title}.\n${' '.repeat(15)}${orLacking(time, e)}.\n`);
    return 0;
  }
  if (!exhibit) {
    const names = EXHIBITS.map(({ name }) => name).join(', ');
    process.stderr.write(`expected an exhibit out of ${names}, found ${command.args[0] ?? 'none'}\n`);
    return 2;
  }
  process.stdout.write(`${exhibit.title}\nFrom nothing: ${time(exhibit)}.\n`);
  for (const [i, part] of exhibit.parts.entries()) {
    process.stdout.write(`\nExperiment ${i + 1} of ${exhibit.parts.length}: ${part.title}\n`);
    const code = await run([...of(exhibit)(part), '--workers', workers, '--out', folderOf(out, exhibit, part)]);
    if (code !== 0) return code;
  }
  const synthetic = !data && exhibit.parts.some(({ options }) => !options.includes('--testbed'));
  process.stdout.write(`\n${exhibit.title}${synthetic ? ' (here on SYNTHETIC measurements)' : ''}\n`);
  for (const part of exhibit.parts)
    process.stdout.write(
      `\n${part.title}\n${await shown(exhibit, part, folderOf(out, exhibit, part), data ?? null)}\n`,
    );
  if (exhibit.shows === 'image')
    process.stdout.write(`Figure: ${await writeSvg(join(out, `${exhibit.name}.svg`), imagePlot(SHOWN))}\n`);
  return 0;
}

/** `npm run paper -- <exhibit>`; data that cannot be used is said in one line. */
async function main(args: readonly string[]): Promise<number> {
  try {
    return await make(args);
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) exitBy(main);
