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

/** What one case may take. */
export interface Limits {
  /** Seconds of the processor, which a busy machine does not spend. */
  readonly seconds?: number;
  /** Megabytes of all memory. */
  readonly megabytes?: number;
}

const WAIT = 120; // seconds of the clock until a case ends, or the first one begins
const HEAP = 512; // megabytes of objects
const LOOK = 100; // milliseconds between looks at the child
const child = fileURLToPath(new URL('child.ts', import.meta.url));

type Tell = (n: number, outcome: Outcome) => void;

/**
 * Runs a stretch in child processes and tells each outcome; a case on which a child dies, or which
 * takes too long or too much, is a failure.
 */
export async function watched(stretch: Stretch, tell: Tell, limits: Limits = {}): Promise<void> {
  let { from } = stretch;
  while (from < stretch.to) {
    const { next, running, why } = await once({ ...stretch, from }, tell, limits);
    if (running !== undefined) tell(running, failure(why));
    else if (next === from) throw new Error(`the child process did not start: ${why}`);
    from = running === undefined ? next : running + 1;
  }
}

/**
 * One child's life: the number after its last outcome, and the case on which it ended, if on any.
 */
function once({ suite, seed, from, to }: Stretch, tell: Tell, { seconds = 5, megabytes = 1500 }: Limits) {
  const args = ['--import', 'tsx', `--max-old-space-size=${HEAP}`, child, suite, ...[seed, from, to].map(String)];
  const alive = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe', 'pipe'] });
  let running: number | undefined;
  let next = from;
  let since = Date.now();
  let errors = '';
  alive.stderr!.on('data', (text: Buffer) => (errors = (errors + text.toString()).slice(-2000)));

  createInterface({ input: alive.stdio[3] as NodeJS.ReadableStream }).on('line', (line) => {
    const [n, outcome] = [Number.parseInt(line), line.indexOf(' ')];
    since = Date.now();
    running = outcome < 0 ? n : undefined;
    if (outcome < 0) return;
    next = n + 1;
    tell(n, JSON.parse(line.slice(outcome)) as Outcome);
  });

  const end = (): unknown => alive.kill('SIGKILL');
  let why = '';
  let seen: { readonly case: number | undefined; readonly seconds: number } | undefined; // as the case was first seen
  const look = async (): Promise<void> => {
    const used = await usedBy(alive);
    if (seen?.case !== running) seen = { case: running, seconds: used.seconds };
    if (running !== undefined && used.seconds - seen!.seconds > seconds) why ||= `took more than ${seconds} s`;
    if (Date.now() - since > WAIT * 1000) why ||= `took more than ${WAIT} s of the clock`;
    if (used.megabytes > megabytes) why ||= `took more than ${megabytes} MB`;
    if (why) end();
  };
  process.once('exit', end);
  const timer = setInterval(() => void look(), LOOK);
  return new Promise<{ next: number; running: number | undefined; why: string }>((resolve) => {
    alive.on('close', (code, signal) => {
      clearInterval(timer);
      process.off('exit', end);
      const reason = /heap out of memory/.test(errors)
        ? 'ran out of memory'
        : `${code ?? signal}: ${errors.trim().split('\n').at(-1)}`;
      resolve({ next, running, why: why || `ended the process (${reason})` });
    });
  });
}

const TICKS = 100; // of a processor's second
const PAGES = 256; // of a megabyte

/**
 * Processor seconds and megabytes of a process, where the system tells: on Linux. Elsewhere the
 * clock alone ends a case.
 */
async function usedBy({ pid }: ChildProcess): Promise<{ seconds: number; megabytes: number }> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const [user = 0, system = 0, resident = 0] = [fields[11], fields[12], fields[21]];
  return { seconds: (user + system) / TICKS, megabytes: resident / PAGES };
}
