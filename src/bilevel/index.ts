/**
 * Gradients of two-level problems: unrolled steps and hypergradients.
 *
 * @module bigrad/bilevel
 */
export { hypergradient } from './hypergradient.js';
export type { BilevelProblem, Descent, Hypergradient, LowerLoss, LowerState, Phase } from './problem.js';
export type { Mode } from './mode.js';
export type { ImplicitOptions, InverseProduct, NystromOptions } from './inverse-hessian.js';
export type { PenaltyOptions } from './penalty.js';
export { unroll, type UnrollOptions } from './unroll.js';
