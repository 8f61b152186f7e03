export { hypergradient, type BilevelProblem, type Hypergradient, type Mode } from './hypergradient.js';
export { unroll } from './unroll.js';
