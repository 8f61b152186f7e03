import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildSync } from 'esbuild';

/** How a run ended, and what it said. */
export interface Outcome {
  code: number | null;
  out: string;
  err: string;
}

const MAIN = 'examples/bi-rpt/main.ts';

/**
 * Starts `npm start -- args`, from its sources as npm does: the process compiles them all, which
 * takes seconds.
 */
export const startFromSources = (...args: string[]): ChildProcess => started(['--import', 'tsx', MAIN], args);

/** The same, with further options of Node. */
export const startWith = (options: readonly string[], ...args: string[]): ChildProcess =>
  started([...options, '--import', 'tsx', MAIN], args);

/** Starts `npm start -- args`, compiled once for the tests of a file. */
export const start = (...args: string[]): ChildProcess => started([compiled()], args);

const started = (program: readonly string[], args: readonly string[]): ChildProcess =>
  spawn(process.execPath, [...program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });

let file: string | undefined;

/** The program as one file, under node_modules so that it finds its packages. */
function compiled(): string {
  if (file !== undefined) return file;
  const outfile = join('node_modules', '.cache', 'bigrad', `main-${process.pid}.mjs`);
  buildSync({
    entryPoints: [MAIN],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    define: { 'import.meta.url': JSON.stringify(pathToFileURL(MAIN).href) },
  });
  return (file = outfile);
}

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

/** Runs `npm start -- args` to its end, compiled. */
export const run = (...args: string[]): Promise<Outcome> => finish(start(...args));

/** Options of a run on measurements in a file that takes seconds. */
export const smallRun = (path: string): string[] => [
  ...['--data', path],
  ...'--points 16 --pretrain-epochs 1 --epochs 1 --splits 1'.split(' '),
];
