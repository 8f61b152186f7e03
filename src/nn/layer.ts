import type { DType } from '../core/dtype.js';
import { aFloatType, aString, flag, later, listOf, methodsOf } from '../core/check.js';
import { reading } from '../core/reading.js';
import { retell } from '../core/retell.js';
import type { Tensor } from '../core/tensor.js';
import { channelsOf, withChannels } from './channels.js';

/** The dtype of new parameters. */
export interface InitOptions {
  /** float32 by default. */
  readonly dtype?: DType;
}

/** How options of `init` are checked. */
export const initChecks = { dtype: aFloatType };

/** What a layer says of itself. */
export interface Described {
  /** What errors and `summary` call it: `conv`. */
  readonly name?: string;
  /** Layers and functions that it applies in turn, each with its entry of the parameters. */
  readonly layers?: readonly unknown[];
}

/** A pair of pure functions; parameters are plain trees the caller owns. */
export interface Layer<P> extends Described {
  /** Fresh parameters, on the key's device. */
  init(key: Tensor, options?: InitOptions): P;
  /**
   * The layer's output for x; throws a TypeError or RangeError where parameters or x do not fit.
   */
  apply(params: P, x: Tensor): Tensor;
  /** Whether `apply` takes a context behind x, as attention with dropout does. */
  readonly takesContext?: true;
}

/** Calls a layer without state, which gets the context where it takes one. */
export function applyStateless<P>(layer: Layer<P>, params: P, x: Tensor, context: Context): Tensor {
  const { apply } = layer as { apply(params: P, x: Tensor, context?: Context): Tensor };
  return layer.takesContext ? apply.call(layer, params, x, context) : layer.apply(params, x);
}

/** What a layer with state is told at each call. */
export interface Context {
  /** True (the default) while training: batch statistics, dropout. */
  readonly training?: boolean;
  /** Needed by layers that draw random numbers while training. */
  readonly key?: Tensor;
}

/** How a context is checked: the key where it is used. */
export const contextChecks = { training: flag, key: later };

/**
 * A layer with running statistics or randomness: state goes in as an argument and comes out as a
 * result.
 */
export interface StatefulLayer<P, S> extends Described {
  /** Fresh parameters, on the key's device. */
  init(key: Tensor, options?: InitOptions): P;
  /** The state before training. */
  initState(params: P): S;
  /** The layer's output for x, and the state after it. */
  apply(params: P, x: Tensor, state: S, context?: Context): [y: Tensor, state: S];
}

/**
 * The methods of a layer as they are now: those of a class stand in its prototype, which spreading
 * leaves behind.
 */
export function layerMethods<L extends object>(who: string, what: string, layer: L): L {
  const given: unknown = layer;
  const stateful = reading(who, what, () => typeof given === 'object' && given !== null && 'initState' in given);
  const names = stateful ? ['init', 'apply', 'initState'] : ['init', 'apply'];
  const methods = methodsOf(who, what, layer, names as (keyof L & string)[]);
  const { name, layers, takesContext } = reading(who, what, () => {
    const described: Described & Pick<Layer<unknown>, 'takesContext'> = layer;
    return { name: described.name, layers: described.layers, takesContext: described.takesContext };
  });
  const own = {
    ...methods,
    ...(name !== undefined && { name: aString(who, 'the name of a layer', name) }),
    ...(layers !== undefined && { layers: listOf(who, 'the layers of a layer', layers, (item) => item) }),
    ...(takesContext && { takesContext }),
  };
  return withChannels(
    own as unknown as L,
    reading(who, what, () => channelsOf(layer)),
  );
}

/** Runs what concerns item `i` of `whole`; an error from there names its place and its name. */
export function inItem<T>(whole: string, i: number, name: string | undefined, run: () => T): T {
  try {
    return run();
  } catch (error) {
    retell(error, (message) => {
      // An item of the same kind has named its own places: sequential[1][0].
      if (message.startsWith(`${whole}[`) || message.startsWith(`${whole}:`))
        return `${whole}[${i}]${message.slice(whole.length)}`;
      const said = name === undefined || name === '' || message.startsWith(`${name}:`);
      return `${whole}[${i}] ${said ? '' : `${name}: `}${message}`;
    });
    throw error;
  }
}
