import type Benchmark from 'benchmark';
import type { Task } from './task.js';

/** Times in milliseconds. */
export interface Timing {
  /** The first run, with compilation. */
  readonly first: number;
  /** A run that is waited for before the next is dispatched. */
  readonly alone: number;
  /** A run among many that are dispatched at once and then waited for. */
  readonly each: number;
  /** Relative margin of error of `each`, in percent, at 95 % confidence. */
  readonly marginOfError: number;
  readonly samples: number;
  /** How many runs were dispatched at once. */
  readonly batch: number;
}

/** A batch is filled until it takes so long, in ms, or has so many runs. */
const BATCH_TIME = 20;
const BATCH_SIZE = 64;
/** A run alone that takes longer, in ms, is not dispatched with others. */
const SLOW = 200;
/** Runs whose time says how many a batch has: one alone is mostly waited for. */
const TRIAL = 8;
/** Share of the time that goes to runs alone. */
const ALONE = 0.25;

type BenchmarkClass = typeof Benchmark;

/**
 * Samples a task by benchmark.js for `seconds`, a quarter of them run by run. `first` is the time
 * of a first run that was made already.
 */
export async function measure(library: BenchmarkClass, task: Task, first: number, seconds: number): Promise<Timing> {
  const alone = await sample(library, () => runs(task, 1), seconds * ALONE);
  const batch = alone.mean > SLOW ? 1 : await batchOf(task);
  const all = batch === 1 ? alone : await sample(library, () => runs(task, batch), seconds * (1 - ALONE));
  return {
    first,
    alone: alone.mean,
    each: all.mean / batch,
    marginOfError: all.marginOfError,
    samples: all.samples,
    batch,
  };
}

/** How many runs fill a batch. */
async function batchOf(task: Task): Promise<number> {
  const start = performance.now();
  await runs(task, TRIAL);
  const each = (performance.now() - start) / TRIAL;
  return Math.min(BATCH_SIZE, Math.max(1, Math.ceil(BATCH_TIME / each)));
}

/**
 * Dispatches runs and waits for all. None is released before: a library may leave out what nobody
 * waits for.
 */
export async function runs(task: Task, count: number): Promise<void> {
  const ys = Array.from({ length: count }, () => task.run());
  await task.wait(ys);
  for (const y of ys) task.release(y);
}

interface Sample {
  readonly mean: number;
  readonly marginOfError: number;
  readonly samples: number;
}

function sample(library: BenchmarkClass, run: () => Promise<void>, seconds: number): Promise<Sample> {
  return new Promise((resolve, reject) => {
    const bench = new library({
      defer: true,
      maxTime: seconds,
      minSamples: 3,
      fn: (deferred: { resolve(): void }) => {
        run().then(() => {
          deferred.resolve();
        }, reject);
      },
    });
    bench.on('complete', () => {
      const { mean, rme, sample: found } = bench.stats;
      resolve({ mean: mean * 1e3, marginOfError: rme, samples: found.length });
    });
    bench.run({ async: true });
  });
}
