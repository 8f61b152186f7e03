export { customFixedPoint, customRoot, type RootOptions } from './custom-root.js';
export { fixedPoint, type FixedPointOptions } from './fixed-point.js';
export { linearSolve, type LinearSolveOptions, type SolverOptions } from './linear-solve.js';
export { ConvergenceError, type Failure, type Solution } from './solution.js';
export type { LinearMethod } from './solve-vector.js';
