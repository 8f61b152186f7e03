import { flag, positive, count, aFunction, type Check } from '../core/check.js';
import { checkOptions } from '../core/options.js';
import type { Tensor } from '../core/tensor.js';
import { solverChecks, type SolverOptions } from '../implicit/linear-solve.js';
import { aFailure, type Failure } from '../implicit/solution.js';
import type { Limits, Reason } from './search.js';

/** Where a search arrived. */
export interface Minimum<T> {
  /** With derivatives in all that f captures. */
  readonly x: T;
  /** f(x), a scalar; of `leastSquares` half the sum of squares. With derivatives too. */
  readonly value: Tensor;
  /** The Euclidean norm of the gradient at x. */
  readonly gradientNorm: number;
  readonly steps: number;
  /**
   * How often the search looked at f. A step of 'newton-cg' runs f once more for its Hessian, and
   * `value` is one run more.
   */
  readonly evaluations: number;
  /** How many products with a Hessian, or with a Jacobian, there were. */
  readonly products: number;
  readonly converged: boolean;
  /** Why the search ended; it converged by 'gradient' and by 'reduction'. */
  readonly reason: Reason;
  /** The numbers above as tensors. Inside `compile` and `vmap` there is nothing but these. */
  readonly report: SearchReport;
}

/** What a search tells of itself, in scalars. */
export interface SearchReport {
  readonly gradientNorm: Tensor;
  /** int32, as the next ones. */
  readonly steps: Tensor;
  readonly evaluations: Tensor;
  readonly products: Tensor;
  /** 1, or 0. */
  readonly converged: Tensor;
}

/** What a search tells after each step. */
export interface Progress<T> {
  /** 1 after the first step. */
  readonly step: number;
  readonly x: T;
  readonly value: number;
  readonly gradientNorm: number;
  /** Evaluations of f so far. */
  readonly evaluations: number;
}

/** What all searches can be told. */
export interface SearchOptions<T> {
  /** What the norm of the gradient may be at most: 1e-6 by default, and 1e-4 in float32. */
  readonly tolerance?: number;
  /** 500 by default. */
  readonly maxSteps?: number;
  /** What to do where it does not converge; 'error' by default. */
  readonly failure?: Failure;
  /** How the linear systems of the derivatives of x are solved: by 'cg', unless it says so. */
  readonly linear?: SolverOptions;
  /** Whether f and its derivatives run as plans of `compile`; false by default. */
  readonly compile?: boolean;
  /** Is told of every step. */
  readonly progress?: (progress: Progress<T>) => void;
}

/** The checks of `SearchOptions`. */
export const searchChecks = {
  tolerance: positive,
  maxSteps: count,
  failure: aFailure,
  linear: ((who, _name, value) => checkOptions(who, value as SolverOptions, solverChecks)) as Check<SolverOptions>,
  compile: flag,
  progress: aFunction,
};

/** The limits of a search, with the defaults that its dtype decides. */
export const limitsOf = <T>({ tolerance, maxSteps = 500 }: SearchOptions<T>, { dtype }: Tensor): Limits => ({
  tolerance: tolerance ?? (dtype === 'float64' ? 1e-6 : 1e-4),
  maxSteps,
});
