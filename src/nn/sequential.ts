import { kindOf } from '../core/dtype.js';
import { checkTensor } from '../core/op.js';
import { sizeOf } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { reshape, splitKey } from '../ops/index.js';
import type { Context, InitOptions, Layer, StatefulLayer } from './layer.js';

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
export function sequential<const L extends readonly Item[]>(items: L): Sequential<L> {
  if (!Array.isArray(items)) throw new TypeError(`sequential: expected a list of layers, got ${kindOf(items)}`);
  for (const item of items) {
    const { init, apply } = (item ?? {}) as Partial<Layer<unknown>>;
    if (typeof item !== 'function' && (typeof init !== 'function' || typeof apply !== 'function'))
      throw new TypeError(`sequential: expected layers and functions, got ${kindOf(item)}`);
  }
  const stateful = items.map((item) => typeof item !== 'function' && 'initState' in item);

  const checkList = (what: string, list: unknown): void => {
    if (!Array.isArray(list) || list.length !== items.length)
      throw new TypeError(
        `sequential: expected ${what} as an array of ${items.length}, got ${Array.isArray(list) ? `one of ${list.length}` : kindOf(list)}`,
      );
  };
  const init = (key: Tensor, options?: InitOptions): unknown[] => {
    const keys = splitKey(key, Math.max(1, items.length));
    return items.map((item, i) => (typeof item === 'function' ? undefined : (item.init(keys[i]!, options) as unknown)));
  };
  const apply = (
    params: readonly unknown[],
    x: Tensor,
    states?: readonly unknown[],
    context: Context = {},
  ): [Tensor, unknown[]] => {
    checkList('parameters', params);
    if (stateful.includes(true)) checkList('states', states);
    const keys = context.key && splitKey(context.key, items.length);
    const next = items.map((item, i) => {
      if (typeof item === 'function') {
        x = item(x);
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
        initState: (params: readonly unknown[]) =>
          items.map((item, i) =>
            stateful[i] ? (item as StatefulLayer<unknown, unknown>).initState(params[i]) : undefined,
          ),
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
