/**
 * Gradients of two-level problems: unrolled steps and hypergradients.
 *
 * @module bigrad/bilevel
 */
export { diagnose, type Cost, type Diagnosis } from './diagnose.js';
export { hypergradient } from './hypergradient.js';
export type { BilevelProblem, Descent, Hypergradient, LowerLoss, LowerState, Phase } from './problem.js';
export type { Mode, PenaltyOptions } from './mode.js';
export type { ImplicitOptions, InverseProduct, NystromOptions } from './inverse-hessian.js';
export { unroll, type UnrollOptions } from './unroll.js';
