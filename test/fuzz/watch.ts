import { spawn, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { failure, type Outcome } from './outcome.js';
import type { SuiteName } from './suites.js';

/** Cases `from` to `to` of a suite. */
export interface Stretch {
  readonly suite: SuiteName;
  readonly seed: number;
  readonly from: number;
  readonly to: number;
}

const STARTING = 60; // until the first one begins
const HEAP = 512; // megabytes of objects
const RESIDENT = 1500; // megabytes of all memory
const LOOK = 100; // milliseconds between looks at the child
const child = fileURLToPath(new URL('child.ts', import.meta.url));

/** Runs a stretch in child processes and tells each outcome; a case on which a child dies, or which takes too long or too much, is a failure. */
export async function watched(
  stretch: Stretch,
  tell: (n: number, outcome: Outcome) => void,
  seconds = 5,
): Promise<void> {
  let { from } = stretch;
  while (from < stretch.to) {
    const { next, running, why } = await once({ ...stretch, from }, tell, seconds);
    if (running !== undefined) tell(running, failure(why));
    else if (next === from) throw new Error(`the child process did not start: ${why}`);
    from = running === undefined ? next : running + 1;
  }
}

/** One child's life: the number after its last outcome, and the case on which it ended, if on any. */
function once({ suite, seed, from, to }: Stretch, tell: (n: number, outcome: Outcome) => void, seconds: number) {
  const args = ['--import', 'tsx', `--max-old-space-size=${HEAP}`, child, suite, ...[seed, from, to].map(String)];
  const process_ = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe', 'pipe'] });
  let running: number | undefined;
  let next = from;
  let since = Date.now() + (STARTING - seconds) * 1000;
  let why = '';
  let errors = '';
  process_.stderr!.on('data', (text: Buffer) => (errors = (errors + text.toString()).slice(-2000)));

  const lines = createInterface({ input: process_.stdio[3] as NodeJS.ReadableStream });
  lines.on('line', (line) => {
    const [n, outcome] = [Number.parseInt(line), line.indexOf(' ')];
    since = Date.now();
    running = outcome < 0 ? n : undefined;
    if (outcome < 0) return;
    next = n + 1;
    tell(n, JSON.parse(line.slice(outcome)) as Outcome);
  });
  const look = setInterval(() => {
    if (Date.now() - since > seconds * 1000) why ||= `took more than ${seconds} s`;
    void resident(process_).then((megabytes) => {
      if (megabytes > RESIDENT) why ||= `took more than ${RESIDENT} MB`;
      if (why) process_.kill('SIGKILL');
    });
  }, LOOK);
  return new Promise<{ next: number; running: number | undefined; why: string }>((resolve) => {
    process_.on('close', (code, signal) => {
      clearInterval(look);
      const reason = /heap out of memory/.test(errors) ? 'ran out of memory' : `${code ?? signal}: ${errors.trim().split('\n').at(-1)}`; // prettier-ignore
      resolve({ next, running, why: why || `ended the process (${reason})` });
    });
  });
}

/** Megabytes of memory that a process holds, where the system tells: on Linux. */
async function resident({ pid }: ChildProcess): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Number(/VmRSS:\s*(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
}
