import type { Tensor } from '../../core/tensor.js';
import { div, equal, full, mul, sum, where } from '../../ops/index.js';

/** A linear system as its methods see it: vectors in, vectors out, and nothing is recorded. */
export interface System {
  /** A v. */
  readonly apply: (v: Tensor) => Tensor;
  /** M r, where M is near the inverse of A; the identity by default. */
  readonly precondition: (r: Tensor) => Tensor;
  /** 1 where a residual of this squared norm is too large still, else 0, in its dtype. */
  readonly goesOn: (squares: Tensor) => Tensor;
}

/** What a method adds to the solution. */
export interface Correction {
  readonly dx: Tensor;
  /** Products with A that it took (int32). */
  readonly steps: Tensor;
  /** What went wrong, in words. */
  readonly trouble?: string;
}

/**
 * At most `most` steps towards A dx = r. Steps after convergence change nothing, for inside a trace
 * all of them run: so a step is masked by `goesOn`.
 */
export type Method = (system: System, r: Tensor, most: number) => Correction;

/** <x, y> of vectors. */
export const inner = (x: Tensor, y: Tensor): Tensor => sum(mul(x, y));

/** x / y where y is not 0, else 0. */
export function ratio(x: Tensor, y: Tensor): Tensor {
  const none = equal(y, 0);
  return where(none, 0, div(x, where(none, 1, y)));
}

/** The step count 0 beside x. */
export const noSteps = (x: Tensor): Tensor => full(x.device, [], 0, 'int32');
