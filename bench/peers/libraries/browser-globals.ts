import { resolveObjectURL } from 'node:buffer';
import { availableParallelism } from 'node:os';
import { Worker as Thread } from 'node:worker_threads';

// What jax-js takes for granted: Float16Array and navigator are not in Node 20, and Worker is in no
// Node. Import before it.

const globals = globalThis as unknown as Record<string, unknown>;

/** Makes what an import of jax-js needs. */
export function fakeBrowser(): void {
  globals['Float16Array'] ??= Uint16Array; // only its name is asked for
  globals['navigator'] ??= { hardwareConcurrency: availableParallelism() };
}

const BOOT = `
const { parentPort, workerData } = require('node:worker_threads');
globalThis.self = globalThis;
globalThis.postMessage = (message) => parentPort.postMessage(message);
parentPort.on('message', (data) => globalThis.onmessage({ data }));
(0, eval)(workerData);`;

/** Just enough of a web worker for the ones that jax-js starts from a blob. */
class BrowserWorker {
  onmessage?: (event: { data: unknown }) => void;
  onerror?: (error: Error) => void;
  readonly #thread: Promise<Thread>;

  constructor(url: string) {
    this.#thread = resolveObjectURL(url)!
      .text()
      .then((source) => {
        const thread = new Thread(BOOT, { eval: true, workerData: source });
        thread.on('message', (data: unknown) => this.onmessage?.({ data }));
        thread.on('error', (error: Error) => this.onerror?.(error));
        return thread;
      });
    this.#post = (message) =>
      void this.#thread.then((thread) => {
        (this.#post = (m) => {
          thread.postMessage(m);
        })(message);
      });
  }
  #post: (message: unknown) => void;
  postMessage(message: unknown): void {
    this.#post(message);
  }
}

/** Gives jax-js threads, which it uses where a page may share memory with workers. */
export function fakeWorkers(): void {
  globals['Worker'] = BrowserWorker;
}
