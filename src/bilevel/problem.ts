import { count, later, listOf, methodsOf, type Check } from '../core/check.js';
import { isFloat } from '../core/dtype.js';
import { checkOptions } from '../core/options.js';
import { isList } from '../core/plain.js';
import { Tensor } from '../core/tensor.js';
import { copyArguments, type Gradient } from '../core/tree.js';
import { kindOf, show } from '../core/words.js';
import type { Optimizer } from '../optim/optimizer.js';
import { checkMode, type Mode } from './mode.js';

/** How the weights of the lower level step down their gradient: one of the two. */
export interface Descent {
  /** The rate of plain gradient steps. */
  readonly learningRate?: Tensor | number;
  /**
   * An optimizer of `bigrad/optim`, or any other pair of pure functions `init` and `update`. Its
   * state is part of the lower level, and derivatives go through it.
   */
  readonly optimizer?: Optimizer<unknown>;
}

/**
 * Loss of the lower level, and anything worth keeping (batch-norm statistics). What it returns
 * beside the loss is `carried` of the next step, if the first step is given one.
 */
export type LowerLoss<T, S, B, A> = (theta: T, ms: S, batch: B, carried: A) => readonly [Tensor, A];

/** Some steps of the lower level, with a loss of their own. */
export interface Phase<T, S, B, A> extends Descent {
  readonly loss: LowerLoss<T, S, B, A>;
  /** How many lower batches it takes, one for each step. */
  readonly steps: number;
}

/**
 * A two-level problem: weights theta `T`, masks ms `S` and mt `M`, batches `B` (lower) and `U`
 * (upper), aux `A` and `C`.
 */
export interface BilevelProblem<T, S, M, B, U, A, C> extends Descent {
  /**
   * The loss of all lower steps, or phases, which take the lower batches one after another. A phase
   * without `learningRate` and `optimizer` has those of the problem.
   */
  readonly lower: LowerLoss<T, S, B, A> | readonly Phase<T, S, B, A>[];
  /** Loss of the upper level, at the weights and at what is carried where the lower level ends. */
  readonly upper: (theta: T, masks: { ms: S; mt: M }, batch: U, carried: A) => readonly [Tensor, C];
  readonly mode?: Mode;
  /**
   * Moves ms in the lower level too (Eq 4), at `learningRate` or at the rate given; off by
   * default, as in Algorithm 2.
   */
  readonly lowerMask?: boolean | number;
}

/** What the lower level takes up from a call before, and leaves for the next one. */
export interface LowerState<A> {
  /** The state of the optimizer of each phase; one that is absent begins with its `init`. */
  readonly optimizers?: readonly unknown[];
  /** What the first loss gets as `carried`; nothing is carried without it. */
  readonly carried?: A;
}

/** What `hypergradient` returns. */
export interface Hypergradient<T, S, M, A, C> {
  /** The upper loss. */
  readonly value: Tensor;
  /** The weights after the lower steps. */
  readonly theta: T;
  /** The gradient of the upper loss at those weights. Eq 5 descends it. */
  readonly dTheta: Gradient<T>;
  readonly dMs: Gradient<S>;
  readonly dMt: Gradient<M>;
  /** The simulated masks after the lower steps: as given, unless `lowerMask`. */
  readonly ms: S;
  readonly aux: { readonly lower: readonly A[]; readonly upper: C };
  /** Euclidean norms. `mixed` is the norm of the part of dMs that came through the lower level. */
  readonly stats: {
    readonly norms: { readonly dTheta: Tensor; readonly dMs: Tensor; readonly dMt: Tensor; readonly mixed: Tensor };
    /**
     * Of modes that solve: the residual |a - (H + ridge I) x|, products with H, and convergence. Of
     * `penalty`: |d(u + lambda l)/d theta| at its last step, and the steps.
     */
    readonly solve?: { readonly residual: Tensor; readonly steps: Tensor; readonly converged?: Tensor };
  };
  /** Where the lower level stands: the last argument of the next call. */
  readonly state: LowerState<A>;
}

/** A phase with nothing left open; without `steps` it takes all batches. */
export interface CheckedPhase<T, S, B, A> {
  readonly loss: LowerLoss<T, S, B, A>;
  readonly steps?: number;
  /** The rate of plain steps, or an optimizer. */
  readonly step: Tensor | number | Optimizer<unknown>;
  /** The rate of the masks; null where they stay. */
  readonly maskRate: Tensor | number | null;
}

/** A rate: a scalar tensor, or a finite number of at least 0. */
const rateThat =
  (what: string): Check<Tensor | number> =>
  (who, _name, rate) => {
    if (rate instanceof Tensor ? rate.shape.length === 0 && isFloat(rate.dtype) : isRate(rate))
      return rate as Tensor | number;
    const text = `${who}: expected ${what} a scalar tensor or a number of at least 0, got ${rate instanceof Tensor ? `${rate.dtype} ${show(rate.shape)}` : kindOf(rate)}`;
    throw rate instanceof Tensor || typeof rate === 'number' ? new RangeError(text) : new TypeError(text);
  };
const isRate = (rate: unknown): boolean => typeof rate === 'number' && rate >= 0 && rate < Infinity;

const anOptimizer: Check<Optimizer<unknown>> = (who, _name, given) =>
  methodsOf(who, 'an optimizer with init and update', given as Optimizer<unknown>, ['init', 'update']);

const descents = { learningRate: rateThat('learningRate to be'), optimizer: anOptimizer };
const checks = {
  lower: { needed: later },
  upper: { needed: later },
  mode: later,
  ...descents,
  lowerMask: ((who, name, value) =>
    typeof value === 'boolean'
      ? value
      : (rateThat('lowerMask to be a boolean or')(who, name, value) as number)) satisfies Check<boolean | number>,
};

/** A problem as it is at the call, checked. */
export function checkProblem<T, S, M, B, U, A, C>(who: string, problem: BilevelProblem<T, S, M, B, U, A, C>) {
  const { mode = 'exact', lowerMask = false, ...own } = checkOptions(who, problem, checks);
  const ofPhase = { loss: { needed: later }, steps: { needed: count }, ...descents };
  const phases = isList(own.lower)
    ? listOf(who, 'the phases of lower', own.lower, (phase) => {
        const given = checkOptions(who, phase as Phase<T, S, B, A>, ofPhase);
        return phaseOf(who, given.loss, stepOf(who, given, own), lowerMask, given.steps);
      })
    : [phaseOf(who, own.lower, stepOf(who, own), lowerMask)];
  if (phases.length === 0) throw new RangeError(`${who}: expected at least one phase of lower, got none`);
  return { phases, upper: pairs(who, 'upper', own.upper), mode: checkMode(who, mode), lowerMask };
}

function phaseOf<T, S, B, A>(
  who: string,
  loss: LowerLoss<T, S, B, A>,
  step: CheckedPhase<T, S, B, A>['step'],
  lowerMask: boolean | number,
  steps?: number,
): CheckedPhase<T, S, B, A> {
  if (lowerMask === true && isOptimizer(step))
    throw new RangeError(`${who}: expected lowerMask to be a rate beside an optimizer, got true`);
  const maskRate = lowerMask === false ? null : lowerMask === true ? (step as Tensor | number) : lowerMask;
  return { loss: pairs(who, 'lower', loss), step, maskRate, ...(steps !== undefined && { steps }) };
}

/** The rate or the optimizer that is given, here or for the whole problem. */
function stepOf(who: string, own: Descent, whole: Descent = {}): Tensor | number | Optimizer<unknown> {
  const given = own.learningRate ?? own.optimizer;
  if (own.learningRate !== undefined && own.optimizer !== undefined)
    throw new TypeError(`${who}: expected learningRate or optimizer, got both`);
  if (given !== undefined) return given;
  if (whole.learningRate === undefined && whole.optimizer === undefined)
    throw new TypeError(`${who}: expected learningRate or optimizer, got undefined for both`);
  return stepOf(who, whole);
}

/** True for an optimizer, false for a rate. */
export const isOptimizer = (step: Tensor | number | Optimizer<unknown>): step is Optimizer<unknown> =>
  typeof step !== 'number' && !(step instanceof Tensor);

/** Checks that a level is a function, and that it returns a pair with a scalar loss. */
function pairs<R extends unknown[], A>(
  who: string,
  level: string,
  f: (...args: R) => readonly [Tensor, A],
): (...args: R) => readonly [Tensor, A] {
  if (typeof f !== 'function') throw new TypeError(`${who}: expected ${level} to be a function, got ${kindOf(f)}`);
  // Each call gets copies of its trees: a level may write into them, and is run more than once.
  return (...args) => {
    const pair = f(...copyArguments(who, args));
    if (!Array.isArray(pair))
      throw new TypeError(`${who}: expected ${level} to return [loss, aux], got ${kindOf(pair)}`);
    const loss: unknown = pair[0];
    if (!(loss instanceof Tensor && loss.shape.length === 0 && isFloat(loss.dtype)))
      throw new TypeError(
        `${who}: expected ${level} to return a scalar loss of float32 or float64, got ${loss instanceof Tensor ? `${loss.dtype} ${show(loss.shape)}` : kindOf(loss)}`,
      );
    return pair;
  };
}
