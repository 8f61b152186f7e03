import { aFunction, atLeast, count, oneOf, positive, type Check } from '../core/check.js';
import { isFloat } from '../core/dtype.js';
import { checkAlike } from '../core/op.js';
import { checkOptions } from '../core/options.js';
import { detach } from '../core/storage.js';
import { Tensor } from '../core/tensor.js';
import type { Gradient } from '../core/tree.js';
import { show } from '../core/words.js';
import { add, cast, mul, where } from '../ops/index.js';
import { checkFunction } from '../transforms/differentiate.js';
import { aFailure, peek, type Failure, type Solution } from './solution.js';
import { checkLinear, isLinear, solveVector, type Linear, type LinearMethod, type Settings } from './solve-vector.js';
import { vectorsOf } from './vector.js';

/** How linear systems are solved. */
export interface SolverOptions {
  /**
   * 'gmres' by default, for any matrix that has an inverse. 'cg' is for symmetric, positive
   * definite ones, and takes the matrix to be symmetric in its derivatives too. 'neumann' is for
   * those near the identity. 'dense' makes the matrix of a small system.
   */
  readonly method?: LinearMethod;
  /** How small |b - A x| / |b| must become: 1e-10 by default, and 1e-5 in float32. */
  readonly tolerance?: number;
  /**
   * Most products with the matrix; 100 by default. Inside `compile` all of them are part of the
   * plan, but for 'cg' and 'gmres' at most two for each element. 'dense' takes one for each.
   */
  readonly maxSteps?: number;
  /** 'gmres' begins again after so many steps; 30 by default. */
  readonly restart?: number;
  /** The number c of the series of 'neumann'; 1 by default. */
  readonly scale?: number;
  /** What to do where it does not converge; 'error' by default. */
  readonly failure?: Failure;
}

/** How `linearSolve` solves its system. */
export interface LinearSolveOptions<T> extends SolverOptions {
  /** Solves (A + ridge I) x = b: a number of at least 0, or a scalar tensor; 0 by default. */
  readonly ridge?: Tensor | number;
  /**
   * A linear function near the inverse of A; symmetric and positive definite for 'cg'. It changes
   * the number of steps, and not the solution.
   */
  readonly preconditioner?: (r: T) => T | Gradient<T>;
}

/** The checks of `SolverOptions`. */
export const solverChecks = {
  method: oneOf('cg', 'gmres', 'neumann', 'dense'),
  tolerance: positive,
  maxSteps: count,
  restart: count,
  scale: positive,
  failure: aFailure,
};

/** Settings of a solver, with the defaults that its dtype decides. */
export const settingsFor = (options: SolverOptions, { dtype }: Tensor): Settings => ({
  method: 'gmres',
  tolerance: dtype === 'float64' ? 1e-10 : 1e-5,
  maxSteps: 100,
  restart: 30,
  scale: 1,
  failure: 'error',
  ...options,
});

const aRidge: Check<Tensor | number> = (who, name, value) => {
  if (!(value instanceof Tensor)) return atLeast(0)(who, name, value);
  if (value.shape.length > 0 || !isFloat(value.dtype))
    throw new RangeError(`${who}: expected ${name} to be a scalar of floats, got ${value.dtype} ${show(value.shape)}`);
  return value;
};

/**
 * The solution x of A x = b, where matvec(v) = A v and b are trees of one structure: float tensors
 * of one dtype, which together are one vector. Its derivatives, in b and in all that matvec
 * captures, are solves with the transposed matrix, to any order. Throws a ConvergenceError for what
 * does not converge, unless `failure` says otherwise, and a TypeError for a matvec that is not
 * linear. Inside `compile` and `vmap` both are NaN instead.
 * @param matvec v -> A v
 * @param b the right-hand side
 * @example
 * const solve = (d: Tensor) => linearSolve((v) => mul(v, d), tensor([2, 8]), { method: 'cg' }).x;
 * solve(tensor([1, 2])); // float32[2] on cpu [2, 4]
 * grad((d) => sum(solve(d)))(tensor([1, 2])); // float32[2] on cpu [-2, -2]
 */
export function linearSolve<T = Tensor>(
  matvec: (v: T) => NoInfer<T> | Gradient<NoInfer<T>>,
  b: T,
  options: LinearSolveOptions<NoInfer<T>> = {},
): Solution<T> {
  const who = 'linearSolve';
  checkFunction(who, matvec);
  const {
    ridge = 0,
    preconditioner,
    ...solver
  } = checkOptions(who, options, {
    ...solverChecks,
    ridge: aRidge,
    preconditioner: aFunction as Check<(r: T) => T | Gradient<T>>,
  });
  const { pack, unpack, lift } = vectorsOf(who, 'b', 'matvec to give a tree', b);
  const right = pack(b);
  if (ridge instanceof Tensor) checkAlike(who, [right, ridge]);
  const product = lift(matvec);
  const system = {
    apply: ridge === 0 ? product : (v: Tensor) => add(product(v), mul(v, ridge)),
    ...(preconditioner && { precondition: lift(preconditioner) }),
  };
  const settings = settingsFor(solver, right);
  const solution = solveVector(who, system, right, settings);
  const { x, ...rest } = checkedLinear(who, system, solution, settings);
  return { x: unpack(x), ...rest };
}

/**
 * A solution, unless the matvec is not linear: by chance a solve of it can converge. Where values
 * are hidden, it has not converged then.
 */
function checkedLinear(
  who: string,
  system: Linear,
  solution: Solution<Tensor>,
  { failure }: Settings,
): Solution<Tensor> {
  const { x, converged } = solution;
  if (peek(converged) !== undefined) {
    checkLinear(who, system, detach(x));
    return solution;
  }
  const linear = isLinear(system, detach(x));
  return {
    ...solution,
    x: failure === 'report' ? x : where(linear, x, NaN),
    converged: mul(converged, cast(linear, 'int32')),
  };
}
