import { kindOf } from '../core/words.js';
import { listOf } from '../core/check.js';
import { checkTensor } from '../core/op.js';
import { checkOptions } from '../core/options.js';
import { sizeOf } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { checkKey, reshape, splitKey } from '../ops/index.js';
import { contextChecks, initChecks, type Context, type InitOptions, type Layer, type StatefulLayer } from './layer.js';

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
/** What `sequential` makes of items `L`: a layer, stateful where any item is. */
export type Sequential<L extends readonly Item[]> =
  Stateful<L> extends true ? StatefulLayer<Params<L>, States<L>> : Layer<Params<L>>;

/**
 * Layers and plain functions one after another. Parameters (and states, where any layer has one) are arrays with an entry per item,
 * undefined for functions.
 */
export function sequential<const L extends readonly Item[]>(list: L): Sequential<L> {
  const items = listOf('sequential', 'layers', list, (item): Item => {
    const { init, apply } = (item ?? {}) as Partial<Layer<unknown>>;
    if (typeof item !== 'function' && (typeof init !== 'function' || typeof apply !== 'function'))
      throw new TypeError(`sequential: expected layers and functions, got ${kindOf(item)}`);
    return item as Item;
  });
  const stateful = items.map((item) => typeof item !== 'function' && 'initState' in item);

  const checkList = (what: string, list: unknown): void => {
    if (!Array.isArray(list) || list.length !== items.length)
      throw new TypeError(
        `sequential: expected ${what} as an array of ${items.length}, got ${Array.isArray(list) ? `one of ${list.length}` : kindOf(list)}`,
      );
  };
  const init = (key: Tensor, given: InitOptions = {}): unknown[] => {
    const options = checkOptions('sequential', given, initChecks);
    const keys = splitKey(checkKey('sequential', key), Math.max(1, items.length));
    return items.map((item, i) => (typeof item === 'function' ? undefined : (item.init(keys[i]!, options) as unknown)));
  };
  const apply = (
    params: readonly unknown[],
    x: Tensor,
    states?: readonly unknown[],
    given: Context = {},
  ): [Tensor, unknown[]] => {
    const context = checkOptions('sequential', given, contextChecks);
    checkTensor('sequential', x);
    checkList('parameters', params);
    if (stateful.includes(true)) checkList('states', states);
    const keys = context.key && splitKey(checkKey('sequential', context.key), Math.max(1, items.length));
    const next = items.map((item, i) => {
      if (typeof item === 'function') {
        x = checkTensor('sequential', item(x));
        return undefined;
      }
      if (!stateful[i]) {
        x = (item as Layer<unknown>).apply(params[i], x);
        return undefined;
      }
      const [y, state] = (item as StatefulLayer<unknown, unknown>).apply(params[i], x, states?.[i], {
        ...context,
        ...(keys && { key: keys[i]! }),
      });
      x = y;
      return state;
    });
    return [x, next];
  };
  const layer = stateful.includes(true)
    ? {
        init,
        initState: (params: readonly unknown[]) => {
          checkList('parameters', params);
          return items.map((item, i) =>
            stateful[i] ? (item as StatefulLayer<unknown, unknown>).initState(params[i]) : undefined,
          );
        },
        apply,
      }
    : { init, apply: (params: readonly unknown[], x: Tensor) => apply(params, x)[0] };
  return layer as unknown as Sequential<L>;
}

/** All axes but the first in one: [n, ...] into [n, size]. */
export function flatten(x: Tensor): Tensor {
  const [n = 1, ...rest] = checkTensor('flatten', x).shape;
  return reshape(x, [n, sizeOf(rest)]);
}
