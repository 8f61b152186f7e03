import { kindOf } from '../core/words.js';
import { listOf } from '../core/check.js';
import { checkTensor } from '../core/op.js';
import { checkOptions } from '../core/options.js';
import { isList } from '../core/plain.js';
import { sizeOf } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { checkKey, reshape, splitKey } from '../ops/index.js';
import { withChannels } from './channels.js';
import {
  applyStateless,
  contextChecks,
  inItem,
  initChecks,
  layerMethods,
  type Context,
  type InitOptions,
  type Layer,
  type StatefulLayer,
} from './layer.js';

// Parameter types are inferred per item; `any` lets every layer in.
/* eslint-disable @typescript-eslint/no-explicit-any */
type Item = Layer<any> | StatefulLayer<any, any> | ((x: Tensor) => Tensor);
type ParamsOf<L> = L extends { init(key: Tensor, options?: InitOptions): infer P } ? P : undefined;
type StateOf<L> = L extends StatefulLayer<any, infer S> ? S : undefined;
type Stateful<L extends readonly Item[]> = true extends {
  [K in keyof L]: L[K] extends StatefulLayer<any, any> ? true : false;
}[number]
  ? true
  : false;
/* eslint-enable */

type Params<L> = { -readonly [K in keyof L]: ParamsOf<L[K]> };
type States<L> = { -readonly [K in keyof L]: StateOf<L[K]> };
const who = 'sequential';

/** What `sequential` makes of items `L`: a layer, stateful where any item is. */
export type Sequential<L extends readonly Item[]> =
  Stateful<L> extends true ? StatefulLayer<Params<L>, States<L>> : Layer<Params<L>>;

/**
 * Layers and plain functions one after another. An error from one names its place, such as
 * `sequential[4] conv`. Parameters (and states, where any layer has one)
 * are arrays with an entry per item, undefined for functions.
 * @example
 * const model = sequential([linear(2, 8), relu, linear(8, 1)]);
 * const params = model.init(randomKey(0));
 * model.apply(params, ones([5, 2])).shape; // [ 5, 1 ]
 */
export function sequential<const L extends readonly Item[]>(list: L): Sequential<L> {
  const items = listOf(who, 'layers', list, (item): Item => {
    if (typeof item === 'function') return item as Item;
    return layerMethods(who, 'layers and functions', item as StatefulLayer<unknown, unknown>);
  });
  const stateful = items.some(isStateful);
  const layers = items.map((item) => (typeof item === 'function' ? item : { ...item })); // to look at

  /** A list of its own with an entry for every item. */
  const forItems = (what: string, given: unknown): unknown[] => {
    if (!isList(given) || given.length !== items.length)
      throw new TypeError(
        `${who}: expected ${what} as an array of ${items.length}, got ${isList(given) ? `one of ${given.length}` : kindOf(given)}`,
      );
    return listOf(who, what, given, (entry) => entry);
  };
  const init = (key: Tensor, given: InitOptions = {}): unknown[] => {
    const options = checkOptions(who, given, initChecks);
    const keys = splitKey(checkKey(who, key), Math.max(1, items.length));
    return items.map((item, i) =>
      typeof item === 'function' ? undefined : inItem(who, i, item.name, () => item.init(keys[i]!, options) as unknown),
    );
  };
  const apply = (
    given: readonly unknown[],
    x: Tensor,
    before?: readonly unknown[],
    options: Context = {},
  ): [Tensor, unknown[]] => {
    const context = checkOptions(who, options, contextChecks);
    checkTensor(who, x);
    const params = forItems('parameters', given);
    const states = stateful ? forItems('states', before) : [];
    const keys = context.key && splitKey(checkKey(who, context.key), Math.max(1, items.length));
    let y = x;
    const next = items.map((item, i) => {
      const own = { ...context, ...(keys && { key: keys[i]! }) };
      const [output, state] = inItem(who, i, item.name, () => applyItem(item, params[i], y, states[i], own));
      y = output;
      return state;
    });
    return [y, next];
  };
  const layer = stateful
    ? {
        name: who,
        layers,
        init,
        initState: (given: readonly unknown[]) => {
          const params = forItems('parameters', given);
          return items.map((item, i) =>
            isStateful(item) ? inItem(who, i, item.name, () => item.initState(params[i])) : undefined,
          );
        },
        apply,
      }
    : { name: who, layers, init, apply: (params: readonly unknown[], x: Tensor) => apply(params, x)[0] };
  const rebuilt = (again: readonly unknown[]) => sequential(again as Item[]);
  return withChannels(layer as unknown as Sequential<L>, { kind: 'chain', items, rebuilt });
}

const isStateful = (item: Item): item is StatefulLayer<unknown, unknown> =>
  typeof item !== 'function' && 'initState' in item;

/** What an item makes of x, and its next state if it has one. */
function applyItem(item: Item, params: unknown, x: Tensor, state: unknown, context: Context): [Tensor, unknown] {
  if (typeof item === 'function') return [checkTensor(who, item(x)), undefined];
  if (!isStateful(item))
    return [checkTensor(who, applyStateless(item as Layer<unknown>, params, x, context)), undefined];
  const pair: unknown = item.apply(params, x, state, context);
  if (!isList(pair)) throw new TypeError(`${who}: expected a layer to give [y, state], got ${kindOf(pair)}`);
  return [checkTensor(who, pair[0]), pair[1]];
}

/**
 * All axes but the first in one: [n, ...] into [n, size].
 * @example
 * flatten(ones([4, 8, 2, 2])).shape; // [ 4, 32 ]
 */
export function flatten(x: Tensor): Tensor {
  const [n = 1, ...rest] = checkTensor('flatten', x).shape;
  return reshape(x, [n, sizeOf(rest)]);
}
