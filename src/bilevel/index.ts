export { hypergradient, type BilevelProblem, type Hypergradient, type Mode } from './hypergradient.js';
export { unroll, type UnrollOptions } from './unroll.js';
