import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { DataError, readMeasurements, syntheticExperiment, type Measurement } from '../x-yield/index.js';
import type { Config } from './config.js';
import { DeviceError, openDevice, type Opened } from './device.js';
import { runExperiment, stepCount } from './experiment.js';
import { parseOptions } from './options.js';
import { count, wrapped } from '../lab/duration.js';
import { explain } from './explain.js';
import { page } from './page.js';
import { Interrupted, showProgress } from './progress.js';
import { report } from './report.js';
import { Store, StoreError, type Identity } from './store.js';

const SYNTHETIC_SEED = 0;
const LEAST = 10; // measurements

/** A word as a shell takes it. */
const quote = (word: string): string => (/^[\w./:=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

function identityOf(config: Config, measurements: readonly Measurement[]): Identity {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return {
    config,
    measurements: createHash('sha256').update(JSON.stringify(measurements)).digest('hex'),
    bigrad: (JSON.parse(text) as { version: string }).version,
  };
}

function describe(config: Config, adapter: string | null, measured: number, train: number): string {
  const source = config.data
    ? `${measured} measurements from ${config.data}`
    : `a SYNTHETIC experiment of ${measured} points (name a file with --data for real ones)`;
  return `X-Yield on ${source}\n${train} to train on, ${measured - train} to test on, ${count(config.seeds, 'split')}; ${config.pretrain.points} simulated alloys; preset ${config.preset}\n${adapter === null ? '' : `networks trained on ${config.device}: ${adapter}\n`}`;
}

/**
 * Runs the comparison and returns the exit code: 0, 1 for data, output or a device that cannot be
 * used, 2 for wrong options, 130 after Ctrl-C.
 */
async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  if (typeof options === 'number') return options;
  const folder = options.out ?? `results/x-yield-${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}`;
  const { data } = options.config;
  const measurements = data ? readMeasurements(data) : syntheticExperiment(SYNTHETIC_SEED);
  if (measurements.length < LEAST)
    throw new DataError(data ?? 'synthetic', `at least ${LEAST} measurements`, `${measurements.length}`);
  const opened = await openDevice(options.config.device);
  try {
    return await compare({ ...options.config, device: opened.name }, measurements, folder, opened, args);
  } finally {
    opened.close();
  }
}

/** Runs all methods into a folder and prints the table; returns the exit code. */
async function compare(
  config: Config,
  measurements: readonly Measurement[],
  folder: string,
  { device, adapter }: Opened,
  args: readonly string[],
): Promise<number> {
  const steps = stepCount(measurements, config);
  const machine = {
    node: process.version,
    cpu: cpus()[0]?.model ?? 'unknown',
    ...(adapter !== null && { device: config.device, adapter }),
  };
  const store = Store.open(folder, identityOf(config, measurements), machine);
  const before = store.results.length;

  if (before > 0)
    process.stdout.write(
      `Going on in ${folder}, where ${count(before, 'result')} ${before === 1 ? 'is' : 'are'} finished.\n`,
    );
  const progress = showProgress(steps, process.stdout);
  try {
    await runExperiment(measurements, config, store, progress, device);
    store.finish();
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    progress.stop();
    const again = [
      ...args.filter((a, i) => a !== '--out' && args[i - 1] !== '--out' && !a.startsWith('--out=')),
      '--out',
      folder,
    ];
    process.stdout.write(
      `\nInterrupted. ${count(store.results.length, 'result')} of this run in ${folder}; to go on:\n  npm start -- ${again.map(quote).join(' ')}\n`,
    );
    return 130;
  } finally {
    progress.stop();
    store.close();
  }
  const about = describe(config, adapter, measurements.length, store.results[0]!.trainCount);
  const path = store.saveText('report.html', await page(store.whole, about));
  process.stdout.write(
    `\n${about}${report(store)}\n\n${wrapped(explain(store.whole))}\n\nReport with plots: ${path}\nResults and configuration: ${folder}/results.json\nWhat the methods are, and what was found so far: docs/x-yield.md\n`,
  );
  return 0;
}

// A reader that has seen enough, like head, is no fault.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    if (!(error instanceof DataError || error instanceof StoreError || error instanceof DeviceError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  },
);
