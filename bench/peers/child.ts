import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Ready, Reply, Request } from './protocol.js';

/** How a library's process starts. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A library in its process. */
export interface Child {
  readonly ready: Promise<Reply<Ready>>;
  /**
   * Rejects with a TimeLimit after `seconds`, when the process is ended, and with an Error where it
   * ends by itself.
   */
  ask<T>(request: Request, seconds: number): Promise<Reply<T>>;
  end(): void;
}

/** An answer that did not come in time. */
export class TimeLimit extends Error {}

const START = 60; // seconds
const LAST_WORDS = 300; // characters

/** Starts a process in a group of its own, so that Ctrl-C reaches only this one, which decides. */
export function startChild({ file, args, env }: Command, signal: AbortSignal): Child {
  const child = spawn(file, args, {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-LAST_WORDS);
  });
  child.stdin.on('error', () => undefined); // it ended: 'exit' says so
  const lines = createInterface({ input: child.stdout });
  const end = (): void => {
    child.kill('SIGKILL');
  };
  signal.addEventListener('abort', end, { once: true });
  child.once('exit', () => {
    signal.removeEventListener('abort', end);
  });

  const answer = <T>(seconds: number): Promise<Reply<T>> =>
    new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        clearTimeout(timer);
        lines.off('line', onLine);
        child.off('error', onError).off('exit', onExit);
        act();
      };
      const onLine = (line: string): void => {
        settle(() => {
          resolve(JSON.parse(line) as Reply<T>);
        });
      };
      const onError = (error: Error): void => {
        settle(() => {
          reject(error);
        });
      };
      const onExit = (code: number | null, by: string | null): void => {
        settle(() => {
          reject(new Error(`its process ended by ${by ?? `code ${code}`}: ${words.trim()}`));
        });
      };
      const timer = setTimeout(() => {
        settle(() => {
          reject(new TimeLimit(`more than ${seconds.toFixed(0)} s`));
        });
        end();
      }, seconds * 1e3);
      lines.once('line', onLine);
      child.once('error', onError).once('exit', onExit);
    });

  const ready = answer<Ready>(START);
  ready.catch(() => undefined); // whoever asks first hears of it
  return {
    ready,
    ask: async (request, seconds) => {
      if (child.exitCode !== null || child.signalCode !== null) throw new Error('its process has ended');
      const reply = answer<never>(seconds);
      child.stdin.write(`${JSON.stringify(request)}\n`);
      return reply;
    },
    end,
  };
}
