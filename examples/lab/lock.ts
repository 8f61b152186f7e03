import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';

/** Who holds a lock. */
export interface Holder {
  readonly host: string;
  readonly pid: number;
}

// A lock is a folder with one file. The name of the file is the holder, and is never used again. So
// a rename of it takes the lock from this holder alone: of two that try it, one succeeds.

const BEAT_MS = 10_000;
const SILENT_MS = 120_000; // a holder that has not been heard of for so long is gone
const NAME = /^(\d+)@(.+)@[^@]+$/;

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

/** Whether something was done that can fail in the ways that are named. */
function done(f: () => void, ...failures: readonly string[]): boolean {
  try {
    f();
    return true;
  } catch (error) {
    if (failures.includes((error as NodeJS.ErrnoException).code!)) return false;
    throw error;
  }
}

/** The file in a lock; undefined where nobody holds it. */
function fileIn(path: string): string | undefined {
  let names: string[] = [];
  done(() => (names = readdirSync(path)), 'ENOENT');
  return names.find((name) => NAME.test(name)) ?? names[0];
}

/** The holder that a file in a lock stands for, or null where it does not live. */
function holderBy(path: string, file: string): Holder | null {
  const [, pid, host] = NAME.exec(file) ?? [];
  if (host === undefined) return null;
  const holder = { host, pid: Number(pid) };
  const beat = statSync(join(path, file), { throwIfNoEntry: false })?.mtimeMs;
  return beat !== undefined && alive(holder, beat) ? holder : null;
}

/** Makes a lock with a file in it at once, in the place of an empty folder or of none. */
function make(path: string, own: string): boolean {
  const aside = `${path}.${own}`;
  mkdirSync(aside);
  try {
    writeFileSync(join(aside, own), '');
    return done(
      () => {
        renameSync(aside, path);
      },
      'ENOTEMPTY',
      'EEXIST',
    );
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

/** Takes the lock from the holder of a file, unless that has let it go meanwhile. */
function takeOver(path: string, file: string, own: string): boolean {
  const now = new Date();
  return done(() => {
    utimesSync(join(path, file), now, now); // else the new file would be silent from its beginning
    renameSync(join(path, file), join(path, own));
  }, 'ENOENT');
}

/** The holder of a lock that is held, or null where nobody holds it. */
export function holderOf(path: string): Holder | null {
  const file = fileIn(path);
  return file === undefined ? null : holderBy(path, file);
}

/**
 * Takes the lock at a path, and returns what releases it; or who holds it. The lock of a process
 * that has died is taken over: on this host at once, else two minutes after its last heartbeat.
 */
export function takeLock(path: string): (() => void) | Holder {
  mkdirSync(dirname(path), { recursive: true });
  const own = `${process.pid}@${hostname()}@${randomUUID()}`;
  for (;;) {
    const file = fileIn(path);
    if (file === own) break; // a network can lose the answer to a rename
    const holder = file === undefined ? null : holderBy(path, file);
    if (holder) return holder;
    if (file === undefined ? make(path, own) : takeOver(path, file, own)) break;
  }
  const file = join(path, own);
  const beat = setInterval(() => {
    try {
      utimesSync(file, new Date(), new Date());
    } catch {
      // taken away: the work is the same, whoever does it
    }
  }, BEAT_MS);
  beat.unref();
  return () => {
    clearInterval(beat);
    rmSync(file, { force: true });
    done(
      () => {
        rmdirSync(path);
      },
      'ENOENT',
      'ENOTEMPTY',
      'EEXIST',
    );
  };
}
