import { compile } from '../compile/index.js';
import type { Tensor } from '../core/tensor.js';
import { copyArguments, flatten, leavesOf } from '../core/tree.js';
import { dot, sqrt } from '../ops/index.js';
import { valueAndGradient } from '../transforms/differentiate.js';
import { solverOf } from './hypergradient.js';
import { floatsOf } from './lower-level.js';
import { checkProblem, type BilevelProblem, type LowerState } from './problem.js';

/** What a compiled hypergradient costs: facts that do not depend on the machine. */
export interface Cost {
  /** How many ops run. */
  readonly ops: number;
  /** The bytes of memory that it needs at most; 0 on a device without plans. */
  readonly bytes: number;
}

/** How a mode does on a problem, beside the mode `exact`. */
export interface Diagnosis {
  /** Between the two dMs, in degrees; NaN where one of them is 0. */
  readonly angle: number;
  /** |dMs| / |exact dMs|. */
  readonly relativeNorm: number;
  /** |dMs - exact dMs| / |exact dMs|. */
  readonly relativeError: number;
  /**
   * |d lower/d theta| at the last weights and batch: modes that solve take it to be 0. `solve` is
   * the residual of such a mode, divided by |d upper/d theta|.
   */
  readonly residuals: { readonly lower: number; readonly solve?: number };
  /** Products with the Hessian, or steps of `penalty`, of a mode that solves. */
  readonly steps?: number;
  /** Whether the solver of `implicit` reached its tolerance. */
  readonly converged?: boolean;
  /** Absent for losses that `compile` refuses. */
  readonly cost?: Cost;
  /** The cost of `exact`. */
  readonly exactCost?: Cost;
}

const who = 'diagnose';

/**
 * A function of the same arguments as the `hypergradient` of a problem. It solves the problem by
 * its mode and by `exact`, and compiles both. It tells how far their dMs are apart, and what they
 * cost. Throws what `hypergradient` throws.
 * @example
 * const report = diagnose({
 *   lower: (theta: Tensor, ms: Tensor) => [square(sub(theta, ms)), null],
 *   upper: (theta: Tensor) => [square(theta), null],
 *   learningRate: 0.25,
 *   mode: 'paper',
 * });
 * const masks = { ms: tensor(1), mt: undefined };
 * const { relativeNorm } = await report(tensor(2), masks, { lower: [null, null], upper: null });
 * relativeNorm.toFixed(3); // '0.667'
 */
export function diagnose<T, S, M, B, U, A, C>(problem: BilevelProblem<T, S, M, B, U, A, C>) {
  const { phases } = checkProblem(who, problem);
  const [solve, solveExactly] = [solverOf(who, problem), solverOf(who, { ...problem, mode: 'exact' })];
  return async (
    ...given: [theta: T, masks: { ms: S; mt: M }, batches: { lower: readonly B[]; upper: U }, state?: LowerState<A>]
  ): Promise<Diagnosis> => {
    const args = copyArguments(who, given); // for the caller may change its own meanwhile
    const [, , batches] = args;
    const [mode, exact] = [solve(...args), solveExactly(...args)];
    const { dMs, dTheta, ms, state: last, stats } = mode;
    const { loss } = phases.at(-1)!;
    const lower = (w: T): Tensor => loss(w, ms, batches.lower.at(-1)!, last.carried as A)[0];
    const slope = valueAndGradient(who, lower, mode.theta)[1];

    const [x, y] = [await numbersOf(dMs), await numbersOf(exact.dMs)];
    const [size, exactSize] = [lengthOf(x), lengthOf(y)];
    const solved = stats.solve;
    const [cost, exactCost] = [costOf(solve, args), costOf(solveExactly, args)];
    const residual = solved && (await item(solved.residual));
    return {
      angle: angleOf(x, y),
      relativeNorm: size / exactSize,
      relativeError: lengthOf(x.map((v, i) => v - y[i]!)) / exactSize,
      residuals: {
        lower: await item(sqrt(dot(slope, slope))),
        ...(residual !== undefined && { solve: residual / lengthOf(await numbersOf(dTheta)) }),
      },
      ...(solved && { steps: await item(solved.steps) }),
      ...(solved?.converged && { converged: (await item(solved.converged)) === 1 }),
      ...(cost && exactCost && { cost, exactCost }),
    };
  };
}

/** What a compiled call costs; undefined where `compile` refuses it. */
function costOf<T, S, M, B, U, A, C>(
  solve: ReturnType<typeof solverOf<T, S, M, B, U, A, C>>,
  [theta, masks, batches, state]: Parameters<typeof solve>,
): Cost | undefined {
  // Leaves that are no tensors stay what they are: `compile` would make tensors of numbers.
  const { leaves, rebuild } = flatten(who, { theta, masks });
  const compiled = compile((...xs: Tensor[]) => {
    const given = rebuild(xs);
    const { value, theta: end, dTheta, dMs, dMt } = solve(given.theta, given.masks, batches, state);
    return leavesOf(who, [value, end, dTheta, dMs, dMt]);
  });
  try {
    compiled(...leaves);
  } catch (error) {
    if (error instanceof TypeError && error.message.startsWith('compile:')) return undefined;
    throw error;
  }
  const { ops, bytes } = compiled.stats!;
  return { ops: Object.values(ops).reduce((n, k) => n + k, 0), bytes };
}

/** All floats of a tree. */
const numbersOf = async (tree: unknown): Promise<number[]> =>
  (await Promise.all(floatsOf(who, tree).map((x) => x.read()))).flatMap((data) => [...data]);

const item = async (x: Tensor): Promise<number> => (await x.read())[0]!;

const lengthOf = (x: readonly number[]): number => Math.sqrt(x.reduce((sum, v) => sum + v * v, 0));

/** The angle between two vectors in degrees; small ones have all digits too. Source: Kahan. */
function angleOf(x: readonly number[], y: readonly number[]): number {
  if (x.length === 0) return NaN;
  const [a, b] = [x, y].map((v) => {
    const size = lengthOf(v);
    return v.map((e) => e / size);
  });
  const [apart, along] = [a!.map((v, i) => v - b![i]!), a!.map((v, i) => v + b![i]!)];
  return (2 * Math.atan2(lengthOf(apart), lengthOf(along)) * 180) / Math.PI;
}
