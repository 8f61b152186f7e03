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

/** A bounded cache. */
export function createCache(limit: number): KernelCache {
  const kernels = new Map<string, { kernel: Compiled; last: Pending | null }>();
  const destroy = ({ kernel, last }: { kernel: Compiled; last: Pending | null }): void => {
    if (last instanceof Promise)
      last.then(
        () => {
          kernel.destroy();
        },
        () => undefined,
      );
    else kernel.destroy();
  };
  return {
    run: (key, make, args) => {
      const entry = kernels.get(key) ?? { kernel: make(), last: null };
      kernels.delete(key); // the order of a Map is that of insertion: the first is the least recently used
      kernels.set(key, entry);
      entry.last = entry.kernel.run(args);
      if (kernels.size > limit) {
        const [oldest, old] = kernels.entries().next().value!;
        kernels.delete(oldest);
        destroy(old);
      }
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
