import { kindOf } from '../core/dtype.js';
import { sameShape, show } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import { checkWithin, leaves, mapLeaves, type Gradient } from '../core/tree.js';
import { cast, full } from '../ops/index.js';

/** A pair of pure functions: state goes in as an argument and comes out as a result, and both can be differentiated through. */
export interface Optimizer<S> {
  /** The state before the first step; throws a TypeError where `params` hold no tensor. */
  init(params: unknown): S;
  /** Parameters and state after a step down `grads`; parameters without a gradient stay. Throws a RangeError where shapes differ. */
  update<P>(grads: Gradient<P>, state: S, params: P): [params: P, state: S];
}

/** A rate, or a schedule: a function of the step count (0 first), which arrives as a scalar of the parameters' dtype. */
export type LearningRate = number | ((step: Tensor) => Tensor);

/** Checks a number; a RangeError naming function and option otherwise. */
export function checkRange(who: string, name: string, value: number, least: number, below = Infinity): number {
  if (typeof value !== 'number' || !(value >= least && value < below))
    throw new RangeError(
      `${who}: expected ${name} of at least ${least}${below < Infinity ? ` and below ${below}` : ''}, got ${value}`,
    );
  return value;
}

export function checkRate(who: string, rate: LearningRate): void {
  if (typeof rate !== 'function') checkRange(who, 'learningRate', rate, 0);
}

/** The rate at a step, in the dtype of the parameter it is for. */
export const rateAt = (rate: LearningRate, step: Tensor, like: Tensor): Tensor | number =>
  typeof rate === 'function' ? cast(rate(cast(step, like.dtype)), like.dtype) : rate;

/** The step count 0, on the parameters' device. */
export function firstStep(who: string, params: unknown): Tensor {
  const [first] = leaves(params);
  if (!first) throw new TypeError(`${who}: expected parameters with at least one tensor`);
  return full(first.device, [], 0, 'int32');
}

/** Checks the arguments of an update: a state with a step count, and gradients of the structure and shapes of their parameters, where they are there. */
export function checkUpdate<S extends { readonly step: Tensor }>(
  who: string,
  grads: unknown,
  state: S,
  params: unknown,
): S {
  if (!((state as Partial<S> | undefined)?.step instanceof Tensor))
    throw new TypeError(`${who}: expected the state that init or the update before gave, got ${kindOf(state)}`);
  mapLeaves(
    who,
    (p, g?: Tensor) => {
      if (g && !sameShape(g.shape, p.shape))
        throw new RangeError(`${who}: expected a gradient of shape ${show(p.shape)}, got ${show(g.shape)}`);
    },
    () => undefined,
    params,
    grads,
  );
  checkWithin(who, params, grads);
  return state;
}
