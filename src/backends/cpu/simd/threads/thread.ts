import type { Pointer } from '../wasm/kernels.js';
import type { WasmMemory } from '../wasm/build.js';

// Threads share tasks by the words of a memory. Tasks are numbered one after another as long as the
// team lasts, modulo 2^32, and three words say how far they are:
//
//     ... done ...   |   ... taken ...   |   ... up ...   |   there are none
//                  DONE of them        NEXT             LIMIT
//
// A task goes through these states:
//
//             compare-exchange              all calls made          DONE += 1
//             NEXT: n -> n + 1              FINISHED in its row
//        up ------------------> taken ------------------> finished ----------> counted
//                                 |   a call failed                               ^
//                                 +-----------------------------------------------+
//                                 |   its thread was ended
//                                 +------> lost: DONE stays behind LIMIT
//
// The caller and each thread:
//
//     caller:  writes tasks -> LIMIT += n, notifies -> takes tasks until NEXT = LIMIT
//              -> waits until DONE = LIMIT (or ends all threads, where tasks are lost)
//              -> throws what a call of its own threw, or does again what is not finished
//     thread:  looks at NEXT and LIMIT -> takes a task and performs it -> looks again
//              -> sleeps on LIMIT after 20,000 looks in vain -> looks again when notified
//              who counts the last one, DONE = LIMIT, wakes the caller, which may sleep on DONE
//
// Only the caller moves LIMIT, and only when DONE = LIMIT: nobody reads the table while it is
// written. What several threads write has a cache line of its own.
/** The number after the last task that is to be done. */
export const LIMIT = 0;
/** The number of the first task that no thread has taken. */
export const NEXT = 16;
/** How many tasks are done. */
export const DONE = 32;
/** How many threads have begun to look for tasks. */
export const READY = 48;
/** The number of the first task in the table, and how many calls a task has. */
export const [FIRST, LENGTH] = [64, 65];
/**
 * Where the table begins; each call has a row of words: its kernel, how many arguments, and these.
 */
export const [TABLE, ROW] = [80, 20];
/** How many calls it holds. */
export const CALLS = 4096;
/** All words, with the table. */
export const WORDS = TABLE + CALLS * ROW;
/** In place of the first kernel: the task has been done. */
export const FINISHED = -1;

/**
 * What a thread needs to take part: the kernels, the memory, where the team's words and its own
 * scratch memory lie.
 */
export interface Post {
  readonly module: object;
  readonly memory: WasmMemory;
  readonly words: Pointer;
  readonly scratch: Pointer;
}

/** A thread at work. */
export interface Thread {
  stop(): void;
}

// As text, since a bundler would leave out a file and rename what is in a function. A thread takes
// tasks while there are some, looks out for more for about as long as it takes to wake one up, and
// then sleeps.
const source = `
const work = ({ module, memory, words: at, scratch }) => {
  const words = new Int32Array(memory.buffer, at);
  const kernels = Object.values(new WebAssembly.Instance(module, { env: { memory } }).exports);
  Atomics.add(words, ${READY}, 1);
  for (let idle = 0; ; ) {
    const next = Atomics.load(words, ${NEXT});
    const limit = Atomics.load(words, ${LIMIT});
    if (next === limit) {
      if (++idle > 20000) {
        Atomics.wait(words, ${LIMIT}, limit);
        idle = 0;
      }
      continue;
    }
    if (Atomics.compareExchange(words, ${NEXT}, next, (next + 1) | 0) !== next) continue;
    idle = 0;
    const size = words[${LENGTH}] * ${ROW};
    const task = ${TABLE} + ((next - words[${FIRST}]) | 0) * size;
    try {
      for (let row = task; row < task + size; row += ${ROW})
        kernels[words[row]](...words.subarray(row + 2, row + 2 + words[row + 1]), scratch);
      words[task] = ${FINISHED};
    } catch {}
    if (((Atomics.add(words, ${DONE}, 1) + 1) | 0) === limit) Atomics.notify(words, ${DONE});
  }
};
`;

interface NodeWorker {
  on(event: 'error', listener: () => void): void;
  unref(): void;
  terminate(): unknown;
}
interface NodeThreads {
  readonly Worker: new (source: string, options: object) => NodeWorker;
}
interface WebWorker {
  onerror: ((event: { preventDefault(): void }) => void) | null;
  postMessage(message: unknown): void;
  terminate(): void;
}
/** What of Node or a browser is needed; its types would bring in all of either. */
interface Host {
  readonly process?: { getBuiltinModule?(name: string): unknown };
  readonly crossOriginIsolated?: boolean;
  readonly Worker?: new (url: string) => WebWorker;
}
const host = globalThis as Host;
const nodeThreads = (): NodeThreads | undefined =>
  host.process?.getBuiltinModule?.('node:worker_threads') as NodeThreads | undefined;

/** What threads lack here; undefined where there can be some. */
export function noThreads(): { readonly expected: string; readonly got: string } | undefined {
  if (nodeThreads()) return undefined;
  if (!host.Worker) return { expected: 'Node from 20.16 or 22.3 on, or a browser', got: 'neither' };
  if (host.crossOriginIsolated) return undefined;
  const headers = 'Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp';
  return { expected: `a cross-origin isolated page (served with ${headers})`, got: 'one that is not isolated' };
}

/**
 * Starts a thread, which keeps no process alive. Whatever ends it early is no error: others do its
 * work.
 */
export function startThread(post: Post): Thread {
  const node = nodeThreads();
  return node ? startInNode(node, post) : startInBrowser(post);
}

function startInNode({ Worker }: NodeThreads, post: Post): Thread {
  const start = `work(process.getBuiltinModule('node:worker_threads').workerData);`;
  // Neither the flags nor the environment of the process, which may load code of its own into each
  // thread.
  const worker = new Worker(source + start, { eval: true, workerData: post, execArgv: [], env: {}, name: 'bigrad' });
  worker.on('error', () => undefined);
  worker.unref();
  return { stop: () => void worker.terminate() };
}

function startInBrowser(post: Post): Thread {
  const url = URL.createObjectURL(
    new Blob([`${source}onmessage = ({ data }) => work(data);`], { type: 'text/javascript' }),
  );
  const worker = new host.Worker!(url);
  worker.onerror = (event) => {
    event.preventDefault();
  };
  worker.postMessage(post);
  return {
    stop: () => {
      worker.terminate();
      URL.revokeObjectURL(url);
    },
  };
}
