import { SingleBar } from 'cli-progress';
import { duration } from './duration.js';
import type { Tick } from './records.js';

/** Thrown out of a training loop after Ctrl-C. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

export interface Progress {
  /** Announces the next part of the work; its ticks advance the bar. */
  start(part: string): Tick;
  /** Counts steps that another process has done. */
  advance(steps: number): void;
  /** Says something that is going on; at most once the same. */
  note(text: string): void;
  /** Says something that was found, in a line that stays. */
  tell(text: string): void;
  /** Rejects where the run is interrupted. */
  check(): Promise<void>;
  stop(): void;
}

const QUIET_MS = 15_000; // between lines when piped
const SEND_MS = 500; // between messages of a worker

/** Watches for Ctrl-C and the end of a job; `check` rejects after it. */
function signals(): { check: () => Promise<void>; stop: () => void } {
  let interrupted = false;
  const onSignal = (): void => {
    interrupted = true;
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return {
    check: async () => {
      await new Promise((resolve) => setImmediate(resolve)); // lets signals arrive
      if (interrupted) throw new Interrupted('interrupted');
    },
    stop: () => {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  };
}

/**
 * A bar with the time left on a terminal, plain lines when piped; Ctrl-C stops the work at its next
 * step.
 */
export function showProgress(total: number, out: NodeJS.WriteStream): Progress {
  const { check, stop } = signals();
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
  let spoken = begin;
  let noted = '';
  const line = (part: string): void => {
    const left = ((Date.now() - begin) / done) * Math.max(0, total - done);
    const share = total === 0 ? 100 : Math.min(100, Math.floor((100 * done) / total));
    out.write(`${share} % | ${done === 0 ? '' : `about ${duration(left / 1000)} left | `}${part}\n`);
    spoken = Date.now();
  };
  const to = (part?: string): void => {
    if (bar) bar.update(Math.min(done, total), part === undefined ? {} : { part });
    else if (part !== undefined && Date.now() - spoken > QUIET_MS) line(part);
  };
  return {
    start: (part) => {
      if (bar) to(part);
      else line(part);
      return async () => {
        done++;
        to(part);
        await check();
      };
    },
    advance: (steps) => {
      done += steps;
      to('workers');
    },
    note: (text) => {
      if (text === noted) return;
      noted = text;
      if (bar) to(text);
      else line(text);
    },
    tell: (text) => out.write(`${bar ? '\n' : ''}${text}\n`),
    check,
    stop: () => {
      bar?.stop();
      stop();
    },
  };
}

/** Sends the steps of a worker to the process that started it, which shows them. */
export function sendProgress(): Progress {
  const { check, stop } = signals();
  let [done, sent] = [0, Date.now()];
  const send = (): void => {
    if (done > 0) process.send?.({ steps: done });
    [done, sent] = [0, Date.now()];
  };
  return {
    start: () => async () => {
      done++;
      if (Date.now() - sent > SEND_MS) send();
      await check();
    },
    advance: () => undefined,
    note: () => undefined,
    tell: (text) => process.stderr.write(`${text}\n`), // of which the first process has the same
    check,
    stop: () => {
      send();
      stop();
    },
  };
}
