import type { Compiled, Engine, Pending, Recipe } from './facade.js';

/** Compiled kernels by what they were made of; the least recently used ones are destroyed beyond `limit`. */
export interface KernelCache {
  run(recipe: Recipe, operands: string, args: Parameters<Compiled['run']>[0]): Pending;
  readonly count: number;
  clear(): void;
}

/** A bounded cache; `operands` tells kernels apart that GPU.js would compile differently for their arguments. */
export function createCache(engine: Engine, limit: number): KernelCache {
  const kernels = new Map<string, { kernel: Compiled; last: Pending | null }>();
  const destroy = ({ kernel, last }: { kernel: Compiled; last: Pending | null }): void => {
    if (last instanceof Promise)
      last.then(
        () => { kernel.destroy(); },
        () => undefined,
      ); // prettier-ignore
    else kernel.destroy();
  };
  return {
    run: (recipe, operands, args) => {
      const key = `${operands} ${recipe.size} ${JSON.stringify(recipe.constants)} ${recipe.source}`;
      const entry = kernels.get(key) ?? { kernel: engine.compile(recipe), last: null };
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
