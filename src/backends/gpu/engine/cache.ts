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

/** A kernel, the latest call's result, and when that was. */
interface Entry {
  readonly kernel: Compiled;
  last: Pending | null;
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
      entry.last = entry.kernel.run(args);
      if (kernels.size > limit) dropOldest(kernels);
      return entry.last;
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

/** Destroys a kernel when its latest call is through. */
function destroy({ kernel, last }: Entry): void {
  if (last instanceof Promise)
    last.then(
      () => {
        kernel.destroy();
      },
      () => undefined,
    );
  else kernel.destroy();
}
