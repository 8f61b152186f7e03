import { kindOf } from '../core/words.js';
import { oneOf } from '../core/check.js';
import { hidesValues } from '../core/device.js';
import { Tensor } from '../core/tensor.js';
import { mapFor } from '../core/tree.js';
import { isFloat } from '../core/dtype.js';
import { where } from '../ops/index.js';

/** What a solver returns. */
export interface Solution<T> {
  readonly x: T;
  /** The Euclidean norm of what should be zero at x. */
  readonly residual: Tensor;
  /** The steps that it took (int32); of a linear solve, the products with the matrix. */
  readonly steps: Tensor;
  /** 1 where the residual is small enough, else 0 (int32). */
  readonly converged: Tensor;
}

/**
 * What becomes of a solve that did not converge. 'error' throws a ConvergenceError. Where values
 * cannot be looked at, which is so inside `compile` and `vmap`, the result of a solver is NaN
 * instead; searches throw there when they run. 'nan' gives NaN everywhere. 'report' takes what the
 * last step gave: `converged` tells it of the solve itself, and nobody tells it of the solves in
 * its derivatives.
 */
export type Failure = 'error' | 'nan' | 'report';
export const aFailure = oneOf('error', 'nan', 'report');

/**
 * A solver that did not converge.
 * @example
 * try {
 *   linearSolve((v) => mul(v, 0), tensor([1]));
 * } catch (error) {
 *   error instanceof ConvergenceError; // true
 * }
 */
export class ConvergenceError extends RangeError {
  override readonly name = 'ConvergenceError';
  constructor(
    readonly solver: string,
    readonly residual: number,
    readonly steps: number,
    /** What the residual had to reach. */
    readonly target: number,
    what: string,
    hint: string,
  ) {
    super(`${solver}: expected ${what} of at most ${target}, got ${residual} after ${steps} steps; ${hint}`);
  }
}

/** The number in a scalar; undefined where values cannot be looked at: in a trace or a `vmap`. */
export const peek = (x: Tensor): number | undefined => (hidesValues(x.device) ? undefined : x.readSync()[0]);

/** A solution after `failure` has been seen to; `target` is what its residual had to reach. */
export function settled<T>(
  who: string,
  solution: Solution<T>,
  target: Tensor,
  { failure, what = 'a residual', hint }: { failure: Failure; what?: string; hint: () => string },
): Solution<T> {
  const { x, converged, residual, steps } = solution;
  const known = peek(converged);
  if (known === 1 || failure === 'report') return solution;
  if (known === 0 && failure === 'error')
    throw new ConvergenceError(who, peek(residual)!, peek(steps)!, peek(target)!, what, hint());
  return { ...solution, x: mapFor(who)((leaf) => (isFloat(leaf.dtype) ? where(converged, leaf, NaN) : leaf), x) };
}

/** The x of what a solver of the caller returned, and its steps. */
export function checkSolved(who: string, solved: unknown): { readonly x: unknown; readonly steps?: Tensor | number } {
  const given = solved as { readonly x?: unknown; readonly steps?: unknown } | null | undefined;
  if (typeof given !== 'object' || given === null || !('x' in given))
    throw new TypeError(`${who}: expected solve to return { x, steps }, got ${kindOf(solved)}`);
  const { steps } = given;
  if (steps !== undefined && typeof steps !== 'number' && !(steps instanceof Tensor && steps.shape.length === 0))
    throw new TypeError(`${who}: expected the steps of solve to be a number or a scalar, got ${kindOf(steps)}`);
  return given as { readonly x: unknown; readonly steps?: Tensor | number };
}
