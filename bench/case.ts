import Benchmark from 'benchmark';
import { median } from 'simple-statistics';
import type { Best } from './peak/best.js';
import type { Work } from './work.js';

/**
 * One thing to time. `prepare` makes the inputs and returns what is timed, so that only the running
 * case holds memory.
 */
export interface Case {
  readonly name: string;
  readonly work?: Work;
  prepare(): () => unknown;
}

/** What benchmark.js found; times in milliseconds per run. */
export interface Measurement {
  readonly name: string;
  readonly opsPerSecond: number;
  /** Relative margin of error of the mean, in percent, at 95 % confidence. */
  readonly marginOfError: number;
  readonly samples: number;
  readonly mean: number;
  /** The median of the samples, which a few that other work disturbed do not move. */
  readonly median: number;
  /** The best sample: what other work on the machine disturbed least. */
  readonly fastest: number;
  readonly work?: Work;
  readonly best?: Best;
}

/**
 * Runs a case for a quarter of `seconds`, so that the engine has compiled it before the first
 * sample.
 */
function warmUp(run: () => unknown, seconds: number): void {
  const end = performance.now() + seconds * 250;
  do run();
  while (performance.now() < end);
}

/**
 * Samples a case for at least `seconds` after a warm-up; undefined where `signal` stopped it.
 * Throws what the case throws.
 */
export async function measure(
  { name, work, prepare }: Case,
  seconds: number,
  signal: AbortSignal,
): Promise<Measurement | undefined> {
  const run = prepare();
  warmUp(run, seconds);
  return new Promise((resolve, reject) => {
    const bench = new Benchmark(name, run, { async: true, maxTime: seconds });
    const stop = (): void => {
      bench.abort();
      resolve(undefined);
    };
    bench.on('complete', () => {
      signal.removeEventListener('abort', stop);
      const { sample, mean, rme } = bench.stats as Benchmark.Stats & { sample: number[] };
      if (bench.error as Error | undefined) reject(bench.error);
      else if (signal.aborted) resolve(undefined);
      else
        resolve({
          name,
          opsPerSecond: bench.hz,
          marginOfError: rme,
          samples: sample.length,
          mean: mean * 1e3,
          median: median(sample) * 1e3,
          fastest: Math.min(...sample) * 1e3,
          ...(work && { work }),
        });
    });
    // Ctrl-C may have come during the warm-up, which leaves no gap for its handler.
    setImmediate(() => {
      if (signal.aborted) {
        stop();
        return;
      }
      signal.addEventListener('abort', stop, { once: true });
      bench.run();
    });
  });
}
