import type { Compiled } from './engine.js';
import type { Pending } from './gpu-js.js';

/**
 * Compiled kernels by what they were made of; the least recently used ones are destroyed beyond
 * `limit`.
 */
export interface KernelCache {
  /** Runs the kernel that `make` compiles where there is none by that key yet. */
  run(key: string, make: () => Compiled, args: Parameters<Compiled['run']>[0]): Pending;
  readonly count: number;
  clear(): void;
}

/** A kernel, the result of the latest call where that is on its way, and when the call was. */
interface Entry {
  readonly kernel: Compiled;
  last: Promise<unknown> | null;
  time: number;
}

/** A bounded cache. */
export function createCache(limit: number): KernelCache {
  const kernels = new Map<string, Entry>();
  let time = 0;
  return {
    run: (key, make, args) => {
      let entry = kernels.get(key);
      if (!entry) {
        entry = { kernel: make(), last: null, time: 0 };
        kernels.set(key, entry);
      }
      entry.time = ++time;
      const result = entry.kernel.run(args);
      entry.last = result instanceof Promise ? result : null;
      while (kernels.size > limit) dropOldest(kernels);
      return result;
    },
    get count() {
      return kernels.size;
    },
    clear: () => {
      for (const entry of kernels.values()) destroy(entry);
      kernels.clear();
    },
  };
}

function dropOldest(kernels: Map<string, Entry>): void {
  let oldest = Infinity;
  let found = '';
  for (const [key, { time }] of kernels)
    if (time < oldest) {
      oldest = time;
      found = key;
    }
  destroy(kernels.get(found)!);
  kernels.delete(found);
}

/** Destroys a kernel when its latest call has finished. */
function destroy({ kernel, last }: Entry): void {
  const end = (): void => {
    kernel.destroy();
  };
  if (last) last.then(end, end);
  else end();
}
