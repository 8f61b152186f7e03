import type { Task } from './task.js';
import { CALLS, DONE, FINISHED, FIRST, LENGTH, LIMIT, NEXT, ROW, TABLE } from './thread.js';

// The caller's side of what thread.ts draws.

// How often the caller looks whether the last tasks are done before it lets go of the processor (or
// goes on looking, ten times as often, where it may not), and for how long it then does. A thread
// that was ended in the middle of a task never finishes it: after these rounds, more than ten
// seconds, without one more task done the caller gives up on all threads, ends them, and does what
// is left.
const SPINS = 20_000;
const PAUSE = 0.2; // ms
export const PATIENCE = 50_000;

/** How many tasks of this many calls fit into the table. */
export const mostTasks = (calls: number): number => Math.floor(CALLS / calls);

/** Tasks of equal length that are up for whoever is free. */
export interface Round {
  /** Does tasks until all are taken; what the first one to fail threw, after which it does none. */
  takePart(perform: (task: Task) => void): { readonly error: unknown } | undefined;
  /** Waits until all that are taken are done; false if none more was for too long. */
  awaitOthers(mayWait: boolean, patience: number): boolean;
  /** Counts all as done, once no other thread is left. */
  close(): void;
  /** Tasks that failed, or whose thread was ended. */
  unfinished(): readonly Task[];
}

/** Puts tasks up in the table, and wakes who sleeps. */
export function post(words: Int32Array, kernelNames: readonly string[], tasks: readonly Task[]): Round {
  const first = Atomics.load(words, LIMIT);
  const limit = (first + tasks.length) | 0;
  const rowOf = (task: number): number => TABLE + task * tasks[0]!.length * ROW;
  tasks.forEach((task, i) => {
    task.forEach(([kernel, ...args], j) => {
      words.set([kernelNames.indexOf(kernel), args.length, ...args.map(Number)], rowOf(i) + j * ROW);
    });
  });
  [words[FIRST], words[LENGTH]] = [first, tasks[0]!.length];
  Atomics.store(words, LIMIT, limit);
  Atomics.notify(words, LIMIT);

  return {
    takePart: (perform) => {
      let failed: { readonly error: unknown } | undefined;
      for (let next = Atomics.load(words, NEXT); next !== limit; next = Atomics.load(words, NEXT)) {
        if (Atomics.compareExchange(words, NEXT, next, (next + 1) | 0) !== next) continue;
        const task = (next - first) | 0;
        try {
          if (!failed) perform(tasks[task]!);
          words[rowOf(task)] = FINISHED;
        } catch (error) {
          failed = { error }; // not thrown before the others have come to an end
        }
        Atomics.add(words, DONE, 1);
      }
      return failed;
    },
    awaitOthers: (mayWait, patience) => awaitDone(words, limit, mayWait, patience),
    close: () => Atomics.store(words, DONE, limit),
    unfinished: () => tasks.filter((_, i) => words[rowOf(i)] !== FINISHED),
  };
}

function awaitDone(words: Int32Array, limit: number, mayWait: boolean, patience: number): boolean {
  const spins = mayWait ? SPINS : 10 * SPINS;
  for (let rounds = 0, before = limit; rounds < patience; rounds++) {
    let done = limit;
    for (let i = 0; i < spins; i++) if ((done = Atomics.load(words, DONE)) === limit) return true;
    if (done !== before) rounds = 0;
    before = done;
    if (mayWait) Atomics.wait(words, DONE, done, PAUSE);
  }
  return false;
}

/** Whether this thread may wait, which the main thread of a browser may not. */
export function canWait(words: Int32Array): boolean {
  try {
    Atomics.wait(words, LIMIT, Atomics.load(words, LIMIT) + 1, 0);
    return true;
  } catch {
    return false;
  }
}
