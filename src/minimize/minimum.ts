import { flag, positive, count, aFunction, type Check } from '../core/check.js';
import { checkOptions } from '../core/options.js';
import type { Tensor } from '../core/tensor.js';
import { full } from '../ops/index.js';
import { implicit } from '../implicit/implicit.js';
import { settingsFor, solverChecks, type SolverOptions } from '../implicit/linear-solve.js';
import { aFailure, ConvergenceError, type Failure } from '../implicit/solution.js';
import { adjointSolve } from '../implicit/solve-vector.js';
import type { Vectors } from '../implicit/vector.js';
import type { Watched } from '../implicit/quiet.js';
import { pullbackOf } from '../transforms/vjp.js';
import type { Counts } from './objective.js';
import type { Point } from './point.js';
import type { Ended, Limits, Reason } from './search.js';

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

/** A searched function, as its result needs it. */
interface Searched<T> extends Pick<Vectors<T>, 'unpack'> {
  /** The value of a tree, with its history. */
  readonly value: (x: T) => Tensor;
  /** The gradient of a vector, with its history. */
  readonly slopes: (x: Tensor) => Tensor;
  readonly counts: () => Counts;
  readonly watched: () => Watched;
}

/** What `search` tells of each step, for the caller's `progress`. */
export const teller =
  <T>({ progress }: SearchOptions<T>, { unpack, counts }: Pick<Searched<T>, 'unpack' | 'counts'>) =>
  (step: number, { x, value, size }: Point): void =>
    progress?.({ step, x: unpack(x), value, gradientNorm: size, evaluations: counts().evaluations });

/**
 * The result of a search, after `failure` has been seen to. x is the root of the gradient for those
 * who differentiate it: dx = - H^-1 d gradient.
 */
export function minimumOf<T>(
  who: string,
  searched: Searched<T>,
  { point, steps, reason }: Ended,
  { tolerance }: Limits,
  { failure = 'error', linear = {} }: SearchOptions<T>,
): Minimum<T> {
  const { unpack, slopes, watched } = searched;
  const { x: found, size } = point;
  const converged = reason === 'gradient' || reason === 'reduction';
  if (!converged && failure === 'error')
    throw new ConvergenceError(who, size, steps, tolerance, 'a gradient of norm', hints[reason]);
  const x = unpack(
    implicit(
      who,
      converged || failure === 'report' ? found : full(found.device, found.shape, NaN, found.dtype),
      watched(),
      {
        f: slopes,
        adjoint: (at, g) =>
          adjointSolve(
            who,
            { apply: pullbackOf(who, slopes, at)[1] },
            g,
            settingsFor({ method: 'cg', ...linear }, found),
          ),
      },
    ),
  );
  const { evaluations, products } = searched.counts();
  return { x, value: searched.value(x), gradientNorm: size, steps, evaluations, products, converged, reason };
}

const hints: Readonly<Record<Exclude<Reason, 'gradient' | 'reduction'>, string>> = {
  steps: 'allow more steps, or a larger tolerance',
  'no descent':
    'it found no step that makes f smaller: it has a kink or a wrong derivative there, or its dtype allows no more; ' +
    'allow a larger tolerance, or take float64',
  unbounded: 'f falls without an end in sight: it may have no minimum',
};
