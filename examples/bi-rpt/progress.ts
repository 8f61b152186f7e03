import { SingleBar } from 'cli-progress';
import { duration } from '../lab/duration.js';
import type { Tick } from './pretrain.js';

/** Thrown out of a training loop after Ctrl-C. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

export interface Progress {
  /** Announces the next part of the work; its ticks advance the bar. */
  start(part: string): Tick;
  /** Counts steps that need not be done. */
  skip(steps: number): void;
  stop(): void;
}

const QUIET_MS = 15_000; // between lines when piped

/**
 * A bar with the time left on a terminal, plain lines when piped; Ctrl-C stops the work at its next
 * step.
 */
export function showProgress(total: number, out: NodeJS.WriteStream): Progress {
  let interrupted = false;
  const onSignal = (): void => {
    interrupted = true;
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);

  const bar = out.isTTY
    ? new SingleBar({
        format: '{bar} {percentage}% | {eta_formatted} left | {part}',
        stream: out,
        etaBuffer: 100,
        hideCursor: true,
        formatTime: duration,
      })
    : undefined;
  bar?.start(total, 0, { part: '' });
  const begin = Date.now();
  let done = 0;
  let skipped = 0;
  let spoken = begin;
  const line = (part: string): void => {
    const left = done > skipped ? ((Date.now() - begin) / (done - skipped)) * (total - done) : NaN;
    out.write(
      `${Math.floor((100 * done) / total)} % | ${Number.isNaN(left) ? '' : `about ${duration(left / 1000)} left | `}${part}\n`,
    );
    spoken = Date.now();
  };
  return {
    start: (part) => {
      if (bar) bar.update(done, { part });
      else line(part);
      return async () => {
        done++;
        if (bar) bar.update(done);
        else if (Date.now() - spoken > QUIET_MS) line(part);
        await new Promise((resolve) => setImmediate(resolve)); // lets signals arrive
        if (interrupted) throw new Interrupted('interrupted');
      };
    },
    skip: (steps) => {
      done += steps;
      skipped += steps;
      bar?.update(done);
    },
    stop: () => {
      bar?.stop();
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}
