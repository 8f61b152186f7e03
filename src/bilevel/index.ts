/**
 * Gradients of two-level problems: unrolled steps and hypergradients.
 *
 * @module bigrad/bilevel
 */
export { hypergradient, type BilevelProblem, type Hypergradient } from './hypergradient.js';
export type { Mode } from './mode.js';
export type { ImplicitOptions, InverseProduct, NystromOptions } from './inverse-hessian.js';
export { unroll, type UnrollOptions } from './unroll.js';
