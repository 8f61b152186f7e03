import { deviceOf } from '../core/op.js';
import type { Tensor } from '../core/tensor.js';
import { copyArguments, leafPaths, leavesOf, mapFor } from '../core/tree.js';
import { kindOf } from '../core/words.js';
import { watchOn, type Listener, type Value, type Watching } from './watching.js';

/** What `f` gave on a device that looked on. */
export interface Watched {
  readonly watching: Watching;
  /** The tensors that it returned, with their paths; none where it failed. */
  readonly results: readonly { readonly path: string; readonly value: Value }[];
  /** What it threw, if it did. */
  readonly error?: { readonly thrown: unknown };
}

/** Runs `f` on a device that looks on. Compiled functions run op by op on it. */
export function runWatched(
  who: string,
  f: (...args: never[]) => unknown,
  args: readonly unknown[],
  listenerFor: (watching: () => Watching) => Listener,
): Watched {
  if (typeof f !== 'function') throw new TypeError(`${who}: expected a function, got ${kindOf(f)}`);
  const tensors = leavesOf(who, args);
  const inner = deviceOf(tensors);
  if (!inner) throw new TypeError(`${who}: expected a tensor among the arguments, got none`);
  if (inner.adopt)
    throw new TypeError(`${who}: expected tensors with values, got one of ${inner.name}; call it outside`);
  const watching: Watching = watchOn(
    who,
    inner,
    listenerFor(() => watching),
  );
  const paths = args.flatMap((arg, i) => leafPaths(who, arg).map((path) => `argument ${i}${path}`));
  let i = 0;
  const own = mapFor(who)((x: Tensor) => watching.enter(x, paths[i++]!), args);
  try {
    const y = f(...(copyArguments(who, own) as never[]));
    if (y instanceof Promise) throw new TypeError(`${who}: expected f to return tensors, got a Promise`);
    const at = leafPaths(who, y);
    const results = leavesOf(who, y).flatMap((x, k) => {
      // What does not depend on the arguments comes from outside too.
      const value = watching.valueOf(x.device === inner ? watching.enter(x, 'a captured tensor') : x);
      return value ? [{ path: `result${at[k]!}`, value }] : [];
    });
    return { watching, results };
  } catch (thrown) {
    return { watching, results: [], error: { thrown } };
  }
}
