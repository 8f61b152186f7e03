import { positive, type Check } from '../core/check.js';
import { deepest, watching } from '../core/history.js';
import { checkOptions } from '../core/options.js';
import { detach } from '../core/storage.js';
import { Tensor } from '../core/tensor.js';
import { copyArguments, leavesOf, type Gradient } from '../core/tree.js';
import { add, cast, full, lessEqual, mul, sqrt, sub, where } from '../ops/index.js';
import { checkFunction } from '../transforms/differentiate.js';
import { pullbackOf } from '../transforms/vjp.js';
import { closedWhile } from './quiet.js';
import { implicit } from './implicit.js';
import { settingsFor, solverChecks, type SolverOptions } from './linear-solve.js';
import { inner } from './methods/method.js';
import { aFailure, checkSolved, settled, type Failure, type Solution } from './solution.js';
import { adjointSolve, beside } from './solve-vector.js';
import { vectorsOf } from './vector.js';

/** How `customRoot` and `customFixedPoint` check and differentiate a solution. */
export interface RootOptions {
  /** The residual may be at most tolerance (1 + |x|): 1e-6 by default, and 1e-4 in float32. */
  readonly tolerance?: number;
  /** What to do where the residual is larger; 'error' by default. */
  readonly failure?: Failure;
  /** How the linear systems of the derivatives are solved. */
  readonly linear?: SolverOptions;
}

const aSolver: Check<SolverOptions> = (who, _name, value) => checkOptions(who, value as SolverOptions, solverChecks);
/** The checks of `RootOptions`. */
export const rootChecks = { tolerance: positive, failure: aFailure, linear: aSolver };

/**
 * A solver of optimality(x, ...args) = 0 with the derivatives of its solution, whatever happens
 * inside of it: dx = - (d optimality/dx)^-1 d optimality. `solve` returns { x } and, if it likes,
 * its steps. It is never differentiated. optimality gives a tree like x. Derivatives in the
 * arguments, and in all that optimality captures, follow to any order. Throws a ConvergenceError
 * where optimality is not near 0 at x, unless `failure` says otherwise.
 * @param optimality what is 0 at a solution
 * @param solve finds a solution in any way
 * @example
 * // The root of x^2 = c, whose slope is 1 / (2 x).
 * const root = customRoot((x, c: Tensor) => sub(square(x), c), (c) => ({ x: sqrt(c) }));
 * grad((c) => root(c).x)(tensor(4)); // float32[] on cpu 0.25
 */
export const customRoot = <X = Tensor, A extends unknown[] = unknown[]>(
  optimality: (x: X, ...args: A) => X | Gradient<X>,
  solve: (...args: A) => { readonly x: X; readonly steps?: Tensor | number },
  options: RootOptions = {},
): ((...args: A) => Solution<X>) => rootOf('customRoot', optimality, solve, options);

/**
 * `customRoot` of x = step(x, ...args): dx = (I - d step/dx)^-1 d step. Source of both: Blondel et
 * al. 2022, Efficient and Modular Implicit Differentiation.
 * @param step a function with x = step(x, ...args) at a solution
 * @param solve finds a solution in any way
 * @example
 * // x = x / 2 + c is 2 c.
 * const twice = customFixedPoint((x, c: Tensor) => add(mul(x, 0.5), c), (c) => ({ x: mul(c, 2) }));
 * grad((c) => twice(c).x)(tensor(3)); // float32[] on cpu 2
 */
export function customFixedPoint<X = Tensor, A extends unknown[] = unknown[]>(
  step: (x: X, ...args: A) => X,
  solve: (...args: A) => { readonly x: X; readonly steps?: Tensor | number },
  options: RootOptions = {},
): (...args: A) => Solution<X> {
  return rootOf('customFixedPoint', step, solve, options, (x, y) => sub(x, y));
}

/** `customRoot` that names `who`; `residual` makes what is zero of x and of what f gives. */
export function rootOf<X, A extends unknown[]>(
  who: string,
  f: (x: X, ...args: A) => X | Gradient<X>,
  solve: (...args: A) => { readonly x: X; readonly steps?: Tensor | number },
  options: RootOptions,
  residual: (x: Tensor, y: Tensor) => Tensor = (_, y) => y,
): (...args: A) => Solution<X> {
  for (const g of [f, solve]) checkFunction(who, g);
  const { tolerance, failure = 'error', linear = {} } = checkOptions(who, options, rootChecks);
  return (...given) => {
    const args = copyArguments(who, given);
    const solved = closedWhile(watching(leavesOf(who, args)), () => solve(...copyArguments(who, args)));
    const { x: found, steps = 0 } = checkSolved(who, solved);
    const { pack, unpack, lift } = vectorsOf(who, 'the x of solve', 'a residual', found as X);
    const x = detach(pack(found as X));
    const product = lift((v: X) => f(v, ...copyArguments(who, args)));
    const zero = (v: Tensor): Tensor => residual(v, product(v));

    const y = zero(x);
    const size = sqrt(inner(detach(y), detach(y)));
    const target = mul(add(sqrt(inner(x, x)), 1), tolerance ?? (x.dtype === 'float64' ? 1e-6 : 1e-4));
    const solution = {
      x,
      residual: size,
      steps: steps instanceof Tensor ? cast(detach(steps), 'int32') : full(x.device, [], steps, 'int32'),
      converged: cast(lessEqual(size, target), 'int32'),
    };
    const hint = (): string => 'solve more closely, or allow a larger tolerance';
    const checked = settled(who, solution, target, { failure, hint });
    // Where f makes a batch of what solve gave once, x is one of a batch too: each has its own
    // cotangent, and an adjoint solve of its own.
    const alone = checked.x.device === y.device;
    const own = implicit(
      who,
      alone ? checked.x : where(checked.converged, checked.x, checked.x),
      { scopes: watching([y]), depth: deepest([y]) },
      {
        f: zero,
        adjoint: (at, g) =>
          adjointSolve(who, { apply: pullbackOf(who, zero, beside(at, g))[1] }, g, settingsFor(linear, x)),
      },
    );
    return { ...checked, x: unpack(own) };
  };
}
