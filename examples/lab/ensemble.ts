import type { Context, Method, Trained } from './records.js';

const APART = 7919; // seeds of members, far from those of other splits

/** n trainings of a method from seeds of their own, whose predictions are combined. */
export const ensemble = <I, C extends object>(method: Method<I, C>, n: number): Method<I, C & { members: number }> => ({
  name: `${method.name}-x${n}`,
  title: `${method.title}, ensemble of ${n}`,
  about: `${method.about}; ${n} times, and averages`,
  config: { ...method.config, members: n },
  ...(method.needs && { needs: (sizes, config) => method.needs!(sizes, config) }),
  steps: (sizes, trainCount, { members, ...config }) =>
    members * method.steps(sizes, trainCount, config as unknown as C),
  train: async (context, { members, ...config }) => {
    const all: Trained<I>[] = [];
    for (let i = 0; i < members; i++) {
      const own: Context<I> = {
        ...context,
        seed: context.seed + APART * i,
        watch: i === 0 ? (...point) => context.watch(...point) : () => Promise.resolve(),
      };
      all.push(await method.train(own, config as unknown as C));
    }
    return {
      predict: async (items) => context.task.combine(await Promise.all(all.map((m) => m.predict(items)))),
      ...(all[0]?.density && { density: all[0].density }),
    };
  },
});
