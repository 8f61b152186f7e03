import { readFileSync } from 'node:fs';
import { cpus, hostname } from 'node:os';
import { DataError } from '../x-yield/data-error.js';
import { aboutOf, cellsOf, finishedOf, identityOf, type Cell } from './cells.js';
import { experimentOf, listOf, networkOf, OptionError } from './choose.js';
import { DeviceError, openDevice, type Opened } from './device.js';
import { count, duration, wrapped } from './duration.js';
import { endWithReader } from './exit.js';
import { parseOptions, type Options } from './options.js';
import { Interrupted, sendProgress, showProgress } from './progress.js';
import type { Bench, Experiment } from './records.js';
import { explain } from './report/explain.js';
import { writeReport } from './report/page.js';
import { forTerminal, mainTable } from './report/table.js';
import { runCells, stepCount } from './run.js';
import { readCells, Store, StoreError, type Folder } from './store.js';
import { runWorkers, WorkerError } from './workers.js';

/** A word as a shell takes it. */
const quote = (word: string): string => (/^[\w./:=,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

const version = (): string =>
  (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version;

/** Arguments without the option `--name value`. */
const without = (args: readonly string[], name: string): string[] =>
  args.filter((a, i) => a !== name && args[i - 1] !== name && !a.startsWith(`${name}=`));

/** An experiment in its folder, with the cells that this process is to see to. */
interface Job {
  readonly bench: Bench<unknown>;
  readonly experiment: Experiment<unknown>;
  readonly folder: Folder;
  readonly store: Store;
  readonly all: readonly Cell<unknown>[];
  readonly mine: readonly Cell<unknown>[];
}

function open(
  bench: Bench<unknown>,
  experiment: Experiment<unknown>,
  options: Options,
  path: string,
  opened: Opened,
): Job {
  const device = opened.adapter === null ? opened.name : `${opened.name}: ${opened.adapter}`;
  const identity = identityOf(experiment, device, version());
  const all = cellsOf(experiment, identity);
  if (all.length === 0)
    throw new OptionError(
      `expected --first-split below the number of splits of ${experiment.protocol.name}, found ${experiment.firstSplit}`,
    );
  const folder: Folder = {
    identity,
    about: aboutOf(experiment),
    machine: { node: process.version, cpu: cpus()[0]?.model ?? 'unknown' },
  };
  const store = Store.open(path, folder);
  const { index, count: n } = options.shard;
  return { bench, experiment, folder, store, all, mine: all.filter((cell) => (cell.rank + cell.index) % n === index) };
}

/** A run in words: its shard, and the process that was started first. */
const makerOf = ({ shard, worker }: Options): string =>
  `${shard.count > 1 ? `shard ${shard.index}/${shard.count}` : 'a run'} (process ${worker ? process.ppid : process.pid} on ${hostname()})`;

/** Which cells of a shard this run has computed, and which were computed by others. */
function whoComputed({ store, mine }: Job, options: Options): string {
  const own = makerOf(options);
  const makers = new Map<string, number>();
  for (const { key } of mine) {
    const maker = store.makerOf(key) ?? 'a run that is not known';
    makers.set(maker, (makers.get(maker) ?? 0) + 1);
  }
  const { [own]: here = 0, ...others } = Object.fromEntries(makers);
  const said = Object.entries(others).map(([maker, n]) => `, ${n} by ${maker}`);
  return `Shard ${options.shard.index}/${options.shard.count} has ${count(mine.length, 'cell')}: ${here} computed by this run${said.join('')}.\n`;
}

/** Computes cells, in this process or in several, and shows how far they are. */
async function compute(job: Job, options: Options, args: readonly string[], { device }: Opened): Promise<void> {
  const { bench, experiment, folder, store, mine } = job;
  const left = mine.filter(({ key }) => !store.has(key));
  const total = stepCount(left, experiment.sizes);
  const seconds = total * networkOf(bench, options).stepSeconds;
  if (!options.worker && seconds > 120)
    process.stdout.write(
      `${count(total, 'step')} of training: about ${duration(seconds / options.workers)} on ${count(options.workers, 'idle core')}.\n`,
    );
  const progress = options.worker ? sendProgress() : showProgress(total, process.stdout);
  try {
    if (options.workers > 1 && !options.worker)
      await runWorkers(
        options.workers,
        process.argv[1]!,
        [...without(without(args, '--workers'), '--out'), '--out', store.folder],
        progress,
      );
    else
      await runCells({ experiment, identity: folder.identity, store, progress, device, maker: makerOf(options) }, mine);
  } finally {
    progress.stop();
  }
}

/** Prints the table of the cells of an experiment, its words, and where the report is. */
async function conclude({ experiment, folder, store, all }: Job, page: string): Promise<void> {
  const cells = finishedOf(all, readCells(store.folder));
  if (cells.length === 0) {
    process.stdout.write('No cell is finished yet, so there is no table.\n');
    return;
  }
  const results = { about: folder.about, cells };
  const missing = all.length - cells.length;
  const path = await writeReport(store.folder, cells);
  const { train, test } = all[0]!.split;
  const hint = experiment.testbed.caution ? ' (name a file with --data for real ones)' : '';
  process.stdout.write(
    [
      `\n${folder.about.title}${hint}`,
      `${folder.about.protocol}: ${train.length} to train on, ${test.length} to test on; ${count(experiment.sizes.splits, 'split')}; ${experiment.sizes.points} source items`,
      folder.identity.device === 'cpu' ? '' : `networks trained on ${folder.identity.device}`,
      forTerminal(mainTable(results)),
      missing > 0 ? `${count(missing, 'cell')} of ${all.length} not computed yet.\n` : '',
      `\n${wrapped(explain(results))}\n`,
      `Report with plots: ${path}`,
      `Results: ${store.folder}/cells`,
      `What the methods are, and what was found so far: ${page}\n`,
    ]
      .filter((line) => line !== '')
      .join('\n'),
  );
}

async function run(benches: readonly Bench<unknown>[], args: readonly string[], page: string): Promise<number> {
  const options = parseOptions(benches, args);
  if (typeof options === 'number') return options;
  const bench = benches.find(({ name }) => name === options.testbed)!;
  if (options.list) {
    process.stdout.write(listOf(bench));
    return 0;
  }
  const path = options.out ?? `results/${bench.name}-${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}`;
  const experiment = experimentOf(bench, () => bench.open(options), options);
  const opened = await openDevice(options.device);
  try {
    const job = open(bench, experiment, options, path, opened);
    const before = job.all.filter(({ key }) => job.store.has(key)).length;
    if (before > 0 && !options.worker)
      process.stdout.write(
        `Going on in ${path}, where ${count(before, 'cell')} of ${job.all.length} ${before === 1 ? 'is' : 'are'} finished.\n`,
      );
    try {
      await compute(job, options, args, opened);
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
      if (options.worker) return 130;
      const done = job.all.filter(({ key }) => job.store.has(key)).length;
      const again = [...without(args, '--out'), '--out', path].map(quote).join(' ');
      process.stdout.write(
        `\nInterrupted. ${count(done, 'cell')} of ${job.all.length} in ${path}; to go on:\n  npm start -- ${again}\n`,
      );
      return 130;
    }
    if (!options.worker && options.shard.count > 1) process.stdout.write(whoComputed(job, options));
    if (!options.worker) await conclude(job, page);
    return 0;
  } finally {
    opened.close();
  }
}

const isExpected = (error: unknown): error is Error =>
  error instanceof DataError || error instanceof StoreError || error instanceof DeviceError;

/**
 * Runs the comparison that the arguments ask for, and sets the exit code: 0, 1 for data, output or
 * a device that cannot be used, 2 for wrong options, 130 after Ctrl-C. `page` is what to read next.
 */
export async function start(benches: readonly Bench<unknown>[], args: readonly string[], page: string): Promise<void> {
  endWithReader();
  try {
    process.exitCode = await run(benches, args, page);
  } catch (error) {
    if (error instanceof WorkerError) process.exitCode = error.code;
    else if (error instanceof OptionError || isExpected(error)) {
      process.stderr.write(`${error.message}\n`);
      process.exitCode = error instanceof OptionError ? 2 : 1;
    } else throw error;
  }
  if (process.connected) process.disconnect();
}
