/**
 * Gradients of two-level problems: unrolled steps and hypergradients.
 *
 * @module bigrad/bilevel
 */
export { hypergradient, type BilevelProblem, type Hypergradient, type Mode } from './hypergradient.js';
export { unroll, type UnrollOptions } from './unroll.js';
