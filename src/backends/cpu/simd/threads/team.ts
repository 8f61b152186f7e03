import type { IntegerKernel, Pointer, SimdKernels } from '../wasm/kernels.js';
import { DONE, FINISHED, FIRST, LENGTH, LIMIT, NEXT, READY, ROW, startThread, TABLE, type Thread } from './thread.js';
import type { Linked } from '../wasm/build.js';

/** Kernels that take integers only can be called from a table. */
type Arguments<K extends IntegerKernel> = K extends 'gemm'
  ? Parameters<SimdKernels['gemm']> extends [...infer A, Pointer]
    ? A
    : never
  : Parameters<SimdKernels[K]>;
/** A call of a kernel; a product has the scratch memory of the thread that makes it. */
export type Order = { [K in IntegerKernel]: readonly [kernel: K, ...args: Arguments<K>] }[IntegerKernel];
/** Calls one after another, which may be made again from the first on. */
export type Task = readonly Order[];

/**
 * Threads that share a memory: the caller's, and others that help while there is something to do.
 */
export interface Team {
  readonly threads: number;
  /** The first byte of memory that the team leaves to others. */
  readonly end: Pointer;
  /**
   * Does tasks of equal length in any order, on whichever threads are free, and returns when all
   * are done.
   */
  run(tasks: readonly Task[]): void;
  /** How many of the other threads have started. */
  ready(): number;
  /** Ends the other threads; from then on the caller does all by itself. */
  stop(): void;
}

const WORDS: Pointer = 64;
const CALLS = 4096; // in the table at the same time
const SCRATCH: Pointer = WORDS + 4 * (TABLE + CALLS * ROW);

// How often the caller looks whether the last tasks are done before it lets go of the processor (or
// goes on looking, ten times as often, where it may not), and for how long it then does. A thread
// that was ended in the middle of a task never finishes it: after these rounds, more than ten
// seconds, without one more task done the caller gives up on all threads, ends them, and does what
// is left.
const SPINS = 20_000;
const PAUSE = 0.2; // ms
const PATIENCE = 50_000;

const crews = new FinalizationRegistry<Thread[]>(stopAll);
function stopAll(crew: Thread[]): void {
  for (const thread of crew.splice(0)) thread.stop();
}

/** Makes the calls of a task, products with this scratch memory. */
export function perform(kernels: SimdKernels, task: Task, scratch: Pointer): void {
  for (const [kernel, ...args] of task) (kernels[kernel] as (...args: unknown[]) => void)(...args, scratch);
}

/**
 * A team over the memory of kernels; its threads start with its first tasks, when memory has its
 * final size, and end when nobody has the team any more.
 */
export function createTeam(
  { kernels, memory, module }: Linked,
  threads: number,
  start: typeof startThread = startThread,
  patience = PATIENCE,
): Team {
  const kernelNames = Object.keys(kernels);
  const scratchBytes = Math.ceil(kernels.gemmScratch() / 64) * 64;
  const crew: Thread[] = [];
  let words: Int32Array | undefined;
  let mayWait = false;

  const open = (): Int32Array => {
    const opened = new Int32Array(memory.buffer, WORDS, TABLE + CALLS * ROW);
    mayWait = canWait(opened);
    try {
      for (let i = 1; i < threads; i++)
        crew.push(start({ module, memory, words: WORDS, scratch: SCRATCH + i * scratchBytes }));
    } catch {
      // A policy that forbids threads: fewer do the same.
    }
    crews.register(team, crew);
    return opened;
  };
  const alone = (task: Task): void => {
    perform(kernels, task, SCRATCH);
  };

  const share = (w: Int32Array, tasks: readonly Task[]): void => {
    const first = Atomics.load(w, LIMIT);
    const size = tasks[0]!.length * ROW;
    tasks.forEach((task, i) => {
      task.forEach(([kernel, ...args], j) => {
        let at = TABLE + i * size + j * ROW;
        w[at++] = kernelNames.indexOf(kernel);
        w[at++] = args.length;
        for (const arg of args) w[at++] = Number(arg);
      });
    });
    [w[FIRST], w[LENGTH]] = [first, tasks[0]!.length];
    const limit = (first + tasks.length) | 0;
    Atomics.store(w, LIMIT, limit);
    Atomics.notify(w, LIMIT);
    let failed: { readonly error: unknown } | undefined;
    for (let next = Atomics.load(w, NEXT); next !== limit; next = Atomics.load(w, NEXT)) {
      if (Atomics.compareExchange(w, NEXT, next, (next + 1) | 0) !== next) continue;
      const i = (next - first) | 0;
      try {
        if (!failed) alone(tasks[i]!);
        w[TABLE + i * size] = FINISHED;
      } catch (error) {
        failed = { error }; // not thrown before the others have come to an end
      }
      Atomics.add(w, DONE, 1);
    }
    if (!awaitDone(w, limit, mayWait, patience)) {
      stopAll(crew);
      Atomics.store(w, DONE, limit);
    }
    if (failed) throw failed.error;
    tasks.forEach((task, i) => {
      if (w[TABLE + i * size] !== FINISHED) alone(task);
    });
  };

  const team: Team = {
    threads,
    end: SCRATCH + threads * scratchBytes,
    run: (tasks) => {
      words ??= open();
      const most = Math.floor(CALLS / (tasks[0]?.length ?? 1));
      if (most === 0 || tasks.length === 1) tasks.forEach(alone);
      else for (let i = 0; i < tasks.length; i += most) share(words, tasks.slice(i, i + most));
    },
    ready: () => (words ? Atomics.load(words, READY) : 0),
    stop: () => {
      stopAll(crew);
    },
  };
  return team;
}

/** Waits until all tasks up to `limit` are done; false if none more was for too long. */
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

/** The main thread of a browser may not wait. */
function canWait(words: Int32Array): boolean {
  try {
    Atomics.wait(words, LIMIT, Atomics.load(words, LIMIT) + 1, 0);
    return true;
  } catch {
    return false;
  }
}
