import { cast, mul, neg, sub } from '../ops/index.js';
import type { DType } from '../core/dtype.js';
import { Tensor } from '../core/tensor.js';
import { copyArguments, leavesOf, mapFor, type Gradient } from '../core/tree.js';
import { kindOf } from '../core/words.js';
import type { Optimizer } from '../optim/optimizer.js';
import { checkAlongside } from '../transforms/differentiate.js';
import { pullbackOf } from '../transforms/vjp.js';
import { isOptimizer } from './problem.js';

/** What a rule moves. */
interface Moved<T> {
  readonly theta: T;
  /** Of the optimizer. */
  readonly state: unknown;
}

/** How a step of the lower level moves weights, once their gradient is known. */
export interface Rule {
  /** The state before the first step. */
  readonly init: (theta: unknown) => unknown;
  readonly update: <T>(at: Moved<T>, g: Gradient<T>) => Moved<T>;
  /**
   * The rate of plain gradient steps, by which `slope` is to be multiplied. Where there is none,
   * `back` needs to know the gradient.
   */
  readonly rate?: Tensor | number;
  /**
   * The cotangents of weights and state before the update, and the negative cotangent of the
   * gradient, from those of weights and state after it.
   */
  readonly back: (
    at: Moved<unknown>,
    g: unknown,
    after: Moved<unknown>,
  ) => Moved<unknown> & { readonly slope: unknown };
}

/** x - rate g, where g has leaves. */
export const descend = <X>(who: string, x: X, g: unknown, rate: Tensor | number): X =>
  mapFor(who)((p, d?: Tensor) => (d ? sub(p, mul(d, rate)) : p), x, g);

/** The rule of a rate, in the dtype of the weights, or of an optimizer. */
export const ruleOf = (who: string, step: Tensor | number | Optimizer<unknown>, dtype: DType): Rule =>
  isOptimizer(step) ? optimizerRule(who, step) : gradientRule(who, step instanceof Tensor ? cast(step, dtype) : step);

/** theta - rate g: linear, and without a state. */
const gradientRule = (who: string, rate: Tensor | number): Rule => ({
  init: () => undefined,
  update: ({ theta }, g) => ({ theta: descend(who, theta, g, rate), state: undefined }),
  rate,
  back: (_at, _g, { theta }) => ({
    theta,
    state: undefined,
    slope: theta,
  }),
});

/** The update of an optimizer, differentiated as it is. */
function optimizerRule(who: string, optimizer: Optimizer<unknown>): Rule {
  const update = <T>(at: Moved<T>, g: Gradient<T>): Moved<T> => {
    const pair: unknown = optimizer.update(...copyArguments(who, [g, at.state, at.theta] as const));
    if (!Array.isArray(pair))
      throw new TypeError(`${who}: expected the optimizer to give [params, state], got ${kindOf(pair)}`);
    const [theta, state] = pair as [T, unknown];
    return { theta, state };
  };
  return {
    init: (theta) => optimizer.init(copyArguments(who, theta)),
    update: (at, g) => {
      const moved = update(at, g);
      checkKept(who, 'weight', at.theta, moved.theta);
      checkKept(who, "tensor in the optimizer's state", at.state, moved.state);
      return moved;
    },
    back: (at, g, after) => {
      const [, pull] = pullbackOf(who, (x: Moved<unknown> & { g: unknown }) => update(x, x.g as never), { ...at, g });
      const { theta, state, g: slope } = pull(after as never); // the types of what is unknown
      return { theta, state, slope: mapFor(who)(neg, slope) };
    },
  };
}

/** Checks that a lower step keeps the structure, the shapes and the dtypes of what it moves. */
export function checkKept(who: string, what: string, before: unknown, after: unknown): void {
  let pairs = 0;
  checkAlongside(who, `${what} after a lower step`, before, after, () => pairs++);
  const [had, has] = [leavesOf(who, before).length, leavesOf(who, after).length];
  if (pairs !== had || pairs !== has)
    throw new TypeError(`${who}: expected a ${what} after a lower step for each before it, ${had}, got ${has}`);
}
