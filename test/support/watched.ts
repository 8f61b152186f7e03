import workerThreads, { type WorkerOptions } from 'node:worker_threads';
import { READY } from '../../src/backends/cpu/simd/threads/thread.js';

/** A thread that the library has started. */
export interface Started {
  readonly ready: () => boolean;
  /**
   * Whether it has made products since this was last asked; they leave their traces in its scratch
   * memory.
   */
  readonly helped: () => boolean;
  readonly end: () => unknown;
  ended: boolean;
}
/** Runs a test, which sees the threads that the library starts meanwhile. */
export async function watched(test: (started: readonly Started[]) => void | Promise<void>): Promise<void> {
  const started: Started[] = [];
  const { Worker } = workerThreads;
  workerThreads.Worker = class extends Worker {
    constructor(source: string, options: WorkerOptions) {
      super(source, options);
      const { memory, words, scratch } = options.workerData as {
        memory: { buffer: SharedArrayBuffer };
        words: number;
        scratch: number;
      };
      const traces = new Float32Array(memory.buffer, scratch, 1000);
      const thread: Started = {
        ready: () => Atomics.load(new Int32Array(memory.buffer, words), READY) > 0,
        helped: () => {
          const found = traces.some((v) => v !== 0);
          traces.fill(0);
          return found;
        },
        end: () => this.terminate(),
        ended: false,
      };
      this.on('exit', () => (thread.ended = true));
      started.push(thread);
    }
  };
  try {
    await test(started);
  } finally {
    workerThreads.Worker = Worker;
  }
}

/** Lets the event loop turn until `done`; what is awaited decides, not how long it takes. */
export async function until(done: () => boolean): Promise<void> {
  while (!done()) await new Promise((resolve) => setTimeout(resolve, 5));
}
