import type { Tensor } from '../core/tensor.js';
import { implicit } from '../implicit/implicit.js';
import { settingsFor, type SolverOptions } from '../implicit/linear-solve.js';
import type { Watched } from '../implicit/quiet.js';
import { ConvergenceError, type Failure } from '../implicit/solution.js';
import { adjointSolve, beside } from '../implicit/solve-vector.js';
import type { Vectors } from '../implicit/vector.js';
import { full } from '../ops/index.js';
import { pullbackOf } from '../transforms/vjp.js';
import type { Questions } from './flat.js';
import type { SearchOptions } from './minimum.js';
import type { Counts, Hidden } from './objective.js';
import type { Point } from './point.js';
import type { Ended, Limits, Reason } from './search.js';

/** A search, as its result needs it. */
export interface Searched<T, S, Q extends Questions> {
  readonly vectors: Vectors<T>;
  /** The value of a tree, with its history. */
  readonly value: (x: T) => Tensor;
  /** The gradient of a vector, with its history. */
  readonly slopes: (x: Tensor) => Tensor;
  /** What the search asks. */
  readonly asks: S;
  /** The same as functions of tensors, for a function that gives so many elements. */
  readonly questions: (size: number) => Q;
  readonly asksFrom: (questions: Q) => S;
  /** Searches from x, if values can be looked at. */
  readonly seek: (asks: S, x: Tensor, plans: boolean, each?: Each) => Found | Hidden;
}

/** Told of each step, and of the evaluations so far. */
export type Each = (step: number, point: Point, counts: Counts) => void;

/** What a search found. */
export interface Found extends Ended, Counts {
  readonly watched: Watched;
}

/** What `search` tells of each step, for the caller's `progress`. */
export const teller =
  <T>({ progress }: Pick<SearchOptions<T>, 'progress'>, { unpack }: Pick<Vectors<T>, 'unpack'>): Each =>
  (step, { x, value, size }, { evaluations }) =>
    progress?.({ step, x: unpack(x), value, gradientNorm: size, evaluations });

/** `each` as `search` calls it: with the counts of that moment. */
export const withCounts =
  (each: Each | undefined, counts: () => Counts) =>
  (step: number, point: Point): void =>
    each?.(step, point, counts());

/** Whether a search arrived. */
export const hasConverged = ({ reason }: Ended): boolean => reason === 'gradient' || reason === 'reduction';

/** The x of a search, after `failure` has been seen to. */
export function settledPoint(who: string, ended: Ended, { tolerance }: Limits, failure: Failure): Tensor {
  const { point, steps, reason } = ended;
  if (reason === 'gradient' || reason === 'reduction' || failure === 'report') return point.x;
  if (failure === 'error')
    throw new ConvergenceError(who, point.size, steps, tolerance, 'a gradient of norm', hints[reason]);
  return full(point.x.device, point.x.shape, NaN, point.x.dtype);
}

/**
 * The x of a search as the root of the gradient, for those who differentiate it: dx = - H^-1 d
 * gradient.
 */
export const rootOfSlopes = (
  who: string,
  slopes: (x: Tensor) => Tensor,
  x: Tensor,
  watched: Watched,
  linear: SolverOptions = {},
): Tensor =>
  implicit(who, x, watched, {
    f: slopes,
    adjoint: (at, g) =>
      adjointSolve(
        who,
        { apply: pullbackOf(who, slopes, beside(at, g))[1] },
        g,
        settingsFor({ method: 'cg', ...linear }, x),
      ),
  });

const hints: Readonly<Record<Exclude<Reason, 'gradient' | 'reduction'>, string>> = {
  steps: 'allow more steps, or a larger tolerance',
  'no descent':
    'it found no step that makes f smaller: it has a kink or a wrong derivative there, or its dtype allows no more; ' +
    'allow a larger tolerance, or take float64',
  unbounded: 'f falls without an end in sight: it may have no minimum',
};
