import type { DType } from '../core/dtype.js';
import { aFloatType, flag, later, methodsOf } from '../core/check.js';
import { reading } from '../core/reading.js';
import type { Tensor } from '../core/tensor.js';

/** The dtype of new parameters. */
export interface InitOptions {
  /** float32 by default. */
  readonly dtype?: DType;
}

/** How options of `init` are checked. */
export const initChecks = { dtype: aFloatType };

/** A pair of pure functions; parameters are plain trees the caller owns. */
export interface Layer<P> {
  /** Fresh parameters, on the key's device. */
  init(key: Tensor, options?: InitOptions): P;
  /**
   * The layer's output for x; throws a TypeError or RangeError where parameters or x do not fit.
   */
  apply(params: P, x: Tensor): Tensor;
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
export interface StatefulLayer<P, S> {
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
  return methodsOf(who, what, layer, names as (keyof L & string)[]) as L;
}
