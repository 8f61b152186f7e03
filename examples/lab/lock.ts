import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';

/** Who holds a lock. */
export interface Holder {
  readonly host: string;
  readonly pid: number;
}

const BEAT_MS = 10_000;
const SILENT_MS = 120_000; // a holder that has not been heard of for so long is gone

/** Whether the process of a lock still runs; on another host only its heartbeat tells. */
function alive({ host, pid }: Holder, beat: number): boolean {
  if (Date.now() - beat > SILENT_MS) return false;
  if (host !== hostname()) return true;
  if (pid === process.pid) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The holder of a lock that is held, or null where nobody holds it. */
export function holderOf(path: string): Holder | null {
  try {
    const beat = statSync(path).mtimeMs;
    const holder = JSON.parse(readFileSync(path, 'utf8')) as Holder;
    return alive(holder, beat) ? holder : null;
  } catch {
    return null;
  }
}

/** Whether a new file was made for this process. */
function make(path: string): boolean {
  try {
    writeFileSync(path, JSON.stringify({ host: hostname(), pid: process.pid } satisfies Holder), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Takes the lock file at a path, and returns what releases it; or who holds it. The lock of a
 * process that has died is taken over: on this host at once, else two minutes after its last
 * heartbeat.
 */
export function takeLock(path: string): (() => void) | Holder {
  mkdirSync(dirname(path), { recursive: true });
  while (!make(path)) {
    const holder = holderOf(path);
    if (holder) return holder;
    try {
      if (Date.now() - statSync(path).mtimeMs < 1000 && readFileSync(path, 'utf8') === '') continue; // being written
      const aside = `${path}.${process.pid}`;
      renameSync(path, aside); // of two that take over, one finds nothing to move
      rmSync(aside, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }
  const beat = setInterval(() => {
    try {
      utimesSync(path, new Date(), new Date());
    } catch {
      // taken away: the work is the same, whoever does it
    }
  }, BEAT_MS);
  beat.unref();
  return () => {
    clearInterval(beat);
    rmSync(path, { force: true });
  };
}
