import type Benchmark from 'benchmark';
import { expectedOf } from './bigrad.js';
import type { Job } from './jobs.js';
import { measure, type Timing } from './measure.js';
import { NotWritten, type Candidate, type Library, type Task } from './task.js';

/** What came of a job in a library; `error` says why there are no times. */
export interface Row {
  readonly job: string;
  readonly work?: Job['work'];
  readonly library: string;
  readonly adapter: string;
  /** Largest difference from the cpu device, in units of the result's largest element. */
  readonly difference?: number;
  readonly timing?: Timing;
  readonly error?: string;
}

/** How rows are made. */
export interface Options {
  readonly seconds: number;
  readonly library: typeof Benchmark;
  readonly signal?: AbortSignal;
}

/** Beyond this difference a result is wrong, and is not timed. */
const TOLERANCE = 1e-3;

const message = (error: unknown): string => (error instanceof Error ? error.message : String(error));
const now = (): number => performance.now();

/** Checks and times every job in every library that starts, and tells of each row as it comes. */
export async function bench(
  candidates: readonly Candidate[],
  jobs: readonly Job[],
  options: Options,
  tell: (row: Row) => void,
): Promise<void> {
  for (const { name, start } of candidates) {
    if (options.signal?.aborted) return;
    try {
      const library = await start();
      try {
        await all(library, jobs, options, tell);
      } finally {
        library.end();
      }
    } catch (error) {
      tell({ job: 'all', library: name, adapter: '', error: message(error) });
    }
  }
}

async function all(library: Library, jobs: readonly Job[], options: Options, tell: (row: Row) => void): Promise<void> {
  const [missing, who] = [[] as string[], { library: library.name, adapter: nameOf(library.adapter) }];
  for (const job of jobs) {
    if (options.signal?.aborted) return;
    try {
      tell({ job: job.name, work: job.work, ...who, ...(await one(library, job, options)) });
    } catch (error) {
      if (error instanceof NotWritten) missing.push(job.name);
      else tell({ job: job.name, work: job.work, ...who, error: message(error) });
    }
  }
  if (missing.length > 0) tell({ job: `${missing.length} more`, ...who, error: `not written: ${missing.join('; ')}` });
}

async function one(
  library: Library,
  job: Job,
  { seconds, library: Bench }: Options,
): Promise<Pick<Row, 'difference' | 'timing'>> {
  const task: Task = await library.prepare(job);
  try {
    const start = now();
    const y = task.run();
    await task.wait([y]);
    const first = now() - start;
    const found = difference(expectedOf(job), await task.read(y));
    task.release(y);
    if (!(found <= TOLERANCE)) throw new Error(`wrong: differs by ${found.toPrecision(2)} of the largest element`);
    return { difference: found, timing: await measure(Bench, task, first, seconds) };
  } finally {
    task.end();
  }
}

function difference(expected: Float32Array, got: Float32Array): number {
  if (expected.length !== got.length) return Infinity;
  const largest = expected.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  const most = expected.reduce((sum, v, i) => Math.max(sum, Math.abs(v - got[i]!)), 0);
  return Number.isNaN(most) ? Infinity : most / Math.max(largest, Number.MIN_VALUE);
}

/** An adapter's name, with a word where it is no GPU. */
export const nameOf = (adapter: string): string =>
  /swiftshader|llvmpipe|lavapipe/i.test(adapter) ? `${adapter} (software rasteriser, no GPU)` : adapter;
