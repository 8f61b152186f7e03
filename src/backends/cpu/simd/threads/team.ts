import type { Linked } from '../wasm/build.js';
import type { Pointer } from '../wasm/kernels.js';
import { canWait, mostTasks, PATIENCE, post } from './round.js';
import { perform, type Task } from './task.js';
import { READY, startThread, WORDS, type Thread } from './thread.js';

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

// The team's memory: its words, and then the scratch memory of each thread.
const START: Pointer = 64;
const SCRATCH: Pointer = START + 4 * WORDS;

const crews = new FinalizationRegistry<Thread[]>(stopAll);
function stopAll(crew: Thread[]): void {
  for (const thread of crew.splice(0)) thread.stop();
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
    const opened = new Int32Array(memory.buffer, START, WORDS);
    mayWait = canWait(opened);
    try {
      for (let i = 1; i < threads; i++)
        crew.push(start({ module, memory, words: START, scratch: SCRATCH + i * scratchBytes }));
    } catch {
      // A policy that forbids threads: fewer do the same.
    }
    crews.register(team, crew);
    return opened;
  };
  const alone = (task: Task): void => {
    perform(kernels, task, SCRATCH);
  };
  const share = (opened: Int32Array, tasks: readonly Task[]): void => {
    const round = post(opened, kernelNames, tasks);
    const failed = round.takePart(alone);
    if (!round.awaitOthers(mayWait, patience)) {
      stopAll(crew);
      round.close();
    }
    if (failed) throw failed.error;
    round.unfinished().forEach(alone);
  };

  const team: Team = {
    threads,
    end: SCRATCH + threads * scratchBytes,
    run: (tasks) => {
      words ??= open();
      const most = mostTasks(tasks[0]?.length ?? 1);
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
