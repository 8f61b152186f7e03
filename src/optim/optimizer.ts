import { kindOf, show } from '../core/words.js';
import { atLeast, type Check } from '../core/check.js';
import { checkAlike } from '../core/op.js';
import { sameShape } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import { checkWithin, leavesOf, mapLeaves, type Gradient } from '../core/tree.js';
import { cast, full } from '../ops/index.js';

/**
 * A pair of pure functions: state goes in as an argument and comes out as a result, and both can be
 * differentiated through.
 */
export interface Optimizer<S> {
  /** The state before the first step; throws a TypeError where `params` hold no tensor. */
  init(params: unknown): S;
  /**
   * Parameters and state after a step down `grads`; parameters without a gradient stay. Throws a
   * RangeError where shapes differ.
   */
  update<P>(grads: Gradient<P>, state: S, params: P): [params: P, state: S];
}

/**
 * A rate, or a schedule. A schedule is a function of the step count, which is 0 at first. The count
 * is a scalar of the parameters' dtype. It gives a scalar, or a number of at least 0.
 */
export type LearningRate = number | ((step: Tensor) => Tensor | number);

/** Checks a rate. */
export const aRate: Check<LearningRate> = (who, name, value) => {
  if (value instanceof Tensor)
    throw new TypeError(`${who}: expected ${name} as a number or a function, got a Tensor; write ${name}: () => rate`);
  return typeof value === 'function' ? (value as LearningRate) : atLeast(0)(who, name, value);
};

/**
 * The rate at a step, in the dtype of the parameter it is for; a TypeError or RangeError unless a
 * schedule gives a scalar or a rate.
 */
export function rateAt(who: string, rate: LearningRate, step: Tensor, like: Tensor): Tensor | number {
  if (typeof rate !== 'function') return rate;
  const scheduled: unknown = rate(cast(step, like.dtype));
  if (typeof scheduled === 'number') return atLeast(0)(who, 'what learningRate gives', scheduled);
  if (!(scheduled instanceof Tensor))
    throw new TypeError(`${who}: expected learningRate to give a scalar tensor, got ${kindOf(scheduled)}`);
  if (scheduled.shape.length > 0)
    throw new RangeError(`${who}: expected learningRate to give a scalar tensor, got shape ${show(scheduled.shape)}`);
  return cast(scheduled, like.dtype);
}

/** Checks what an optimizer gave for a step. */
export function aStep<P, S>(who: string, pair: [params: P, state: S]): [params: P, state: S] {
  if (!Array.isArray(pair))
    throw new TypeError(`${who}: expected the optimizer to give [params, state], got ${kindOf(pair)}`);
  return pair;
}

/** The step count 0, on the parameters' device. */
export function firstStep(who: string, params: unknown): Tensor {
  const [first] = leavesOf(who, params);
  if (!first) throw new TypeError(`${who}: expected parameters with at least one tensor`);
  return full(first.device, [], 0, 'int32');
}

/**
 * Checks the arguments of an update: a state with a step count, and gradients of the structure,
 * shapes, dtypes and device of their parameters, where they are there. Trees of the state are named
 * in `trees`; each has a tensor like the parameter for every parameter that has a gradient.
 */
export function checkUpdate<S extends { readonly step: Tensor }>(
  who: string,
  grads: unknown,
  state: S,
  params: unknown,
  trees: readonly (keyof S & string)[],
): S {
  const step: unknown = (state as S | null | undefined)?.step;
  if (!(step instanceof Tensor) || step.dtype !== 'int32' || step.shape.length > 0)
    throw new TypeError(`${who}: expected the state that init or the update before gave, got ${kindOf(state)}`);
  if (grads === undefined || grads === null)
    throw new TypeError(`${who}: expected gradients like the parameters, got ${kindOf(grads)}`);
  const beside = {
    'a gradient': grads,
    ...Object.fromEntries(trees.map((name) => [`a tensor in the state's ${name}`, state[name]])),
  };
  const names = Object.keys(beside);
  mapLeaves(
    who,
    (p, ...ts: (Tensor | undefined)[]) => {
      ts.forEach((t, i) => {
        if (t) alike(who, names[i]!, p, t);
        else if (ts[0])
          throw new TypeError(`${who}: expected ${names[i]} for every parameter with a gradient, got none for one`);
      });
    },
    () => undefined,
    params,
    ...Object.values(beside),
  );
  for (const tree of Object.values(beside)) checkWithin(who, params, tree);
  return state;
}

/**
 * Checks that a tensor has the shape and dtype of the parameter that it stands for: another would
 * change the parameter's.
 */
function alike(who: string, what: string, p: Tensor, t: Tensor): void {
  if (!sameShape(t.shape, p.shape))
    throw new RangeError(`${who}: expected ${what} of shape ${show(p.shape)}, got ${show(t.shape)}`);
  if (t.dtype !== p.dtype) throw new TypeError(`${who}: expected ${what} of dtype ${p.dtype}, got ${t.dtype}`);
  checkAlike(who, [p, t]);
}
