import { spawn, type ChildProcess } from 'node:child_process';

/** How a run ended, and what it said. */
export interface Outcome {
  code: number | null;
  out: string;
  err: string;
}

/** Starts `npm start -- args` with further options of Node. */
export const startWith = (options: readonly string[], ...args: string[]): ChildProcess =>
  spawn(process.execPath, [...options, '--import', 'tsx', 'examples/bi-rpt/main.ts', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });

/** Starts `npm start -- args`. */
export const start = (...args: string[]): ChildProcess => startWith([], ...args);

/** Waits for the end of a run. */
export const finish = (child: ChildProcess): Promise<Outcome> =>
  new Promise((resolve) => {
    let [out, err] = ['', ''];
    child.stdout?.on('data', (text: Buffer) => (out += text.toString()));
    child.stderr?.on('data', (text: Buffer) => (err += text.toString()));
    child.on('close', (code) => {
      resolve({ code, out, err });
    });
  });

/** Runs `npm start -- args` to its end. */
export const run = (...args: string[]): Promise<Outcome> => finish(start(...args));

/** Options of a run on measurements in a file that takes seconds. */
export const smallRun = (path: string): string[] => [
  ...['--data', path],
  ...'--points 16 --pretrain-epochs 1 --epochs 1 --splits 1'.split(' '),
];
