import { deepest, watching } from '../core/history.js';
import { detach } from '../core/storage.js';
import type { Tensor } from '../core/tensor.js';
import { add, cast, greater, lessEqual, mul, onesLike, sqrt, sub, where, zerosLike } from '../ops/index.js';
import { pullbackOf } from '../transforms/vjp.js';
import { implicit } from './implicit.js';
import { cg } from './methods/cg.js';
import { dense } from './methods/dense.js';
import { gmres } from './methods/gmres.js';
import { inner, noSteps, type Method, type System } from './methods/method.js';
import { neumann } from './methods/neumann.js';
import { quietly, type Watched } from './quiet.js';
import { peek, settled, type Failure, type Solution } from './solution.js';

/** The ways to solve a linear system. */
export type LinearMethod = 'cg' | 'gmres' | 'neumann' | 'dense';

/** How a system is solved, with nothing left open. */
export interface Settings {
  readonly method: LinearMethod;
  readonly tolerance: number;
  readonly maxSteps: number;
  readonly restart: number;
  readonly scale: number;
  readonly failure: Failure;
}

/** Functions of vectors that are linear; a transform may watch what they capture. */
export interface Linear {
  readonly apply: (v: Tensor) => Tensor;
  readonly precondition?: (r: Tensor) => Tensor;
}

/**
 * The solution of A x = b for vectors, with its derivatives in b and in all that A captures; `what`
 * names its residual in errors.
 */
export function solveVector(
  who: string,
  linear: Linear,
  b: Tensor,
  settings: Settings,
  what = 'a residual',
): Solution<Tensor> {
  const { solution, watched, trouble, target } = solveQuietly(linear, b, settings);
  const hint = (): string => {
    checkLinear(who, linear, detach(b));
    return `${trouble ?? 'the matrix may be singular or ill-conditioned'}; allow more steps, another method, or a ridge`;
  };
  const checked = settled(who, solution, target, { failure: settings.failure, what, hint });
  const x = implicit(who, checked.x, watched, {
    f: (v) => sub(linear.apply(v), b),
    adjoint: (at, g) => adjointSolve(who, transposed(who, linear, beside(at, g), settings), g, settings),
  });
  return { ...checked, x };
}

/** The solve that a derivative is. */
export const adjointSolve = (who: string, linear: Linear, g: Tensor, settings: Settings): Tensor =>
  solveVector(who, linear, g, settings, 'a residual in a derivative').x;

/**
 * x, of the batch that g is of where `vmap` made one of g alone: the pullback in a tensor that
 * examples share is a sum over them.
 */
export const beside = (x: Tensor, g: Tensor): Tensor => where(onesLike(g), x, g);

/** The system with the transposed matrix. What 'cg' can solve is symmetric. */
function transposed(who: string, linear: Linear, at: Tensor, { method }: Settings): Linear {
  if (method === 'cg') return linear;
  const transpose = (f: (v: Tensor) => Tensor) => pullbackOf(who, f, at)[1];
  return {
    apply: transpose(linear.apply),
    ...(linear.precondition && { precondition: transpose(linear.precondition) }),
  };
}

/** Solves the system, and looks who would have watched. */
function solveQuietly(linear: Linear, b: Tensor, settings: Settings) {
  const { call, watched } = quietly();
  const aside = quietly(); // what the preconditioner captures has no part in the solution
  const right = detach(b);
  const target = mul(sqrt(squaresOf(right)), settings.tolerance);
  const system: System = {
    apply: (v) => call(() => linear.apply(v)),
    precondition: (r) => (linear.precondition ? aside.call(() => linear.precondition!(r)) : r),
    goesOn: (squares) => greater(squares, mul(target, target)),
  };
  const { x, residual, steps, trouble } = corrected(system, right, settings);
  const { scopes, depth } = watched();
  const own: Watched = {
    scopes: [...scopes, ...watching([b]).filter((s) => !scopes.includes(s))],
    depth: Math.max(depth, deepest([b])),
  };
  const solution = { x, residual, steps, converged: cast(lessEqual(residual, target), 'int32') };
  return { solution, watched: own, trouble, target };
}

/**
 * Runs a method until the true residual is small enough. The one that the method keeps may drift
 * from it; then the method begins again with the true one. In a trace nobody can tell, so a method
 * runs once, but 'gmres' as often as its restarts fit.
 */
function corrected(system: System, b: Tensor, { method, maxSteps, restart, scale }: Settings) {
  const step = { cg, gmres, neumann: neumann(scale), dense }[method] satisfies Method;
  // Krylov spaces are whole after as many steps as there are elements: a plan has room for two.
  const inTrace = peek(squaresOf(b)) === undefined && (method === 'cg' || method === 'gmres');
  const most = inTrace ? Math.min(maxSteps, 2 * b.size) : maxSteps;
  const round = method === 'gmres' ? Math.min(restart, inTrace ? b.size : most) : most;
  let [x, r, steps, left, trouble] = [zerosLike(b), b, noSteps(b), most, undefined as string | undefined];
  let squares = squaresOf(b);
  while (left > 0) {
    const correction = step(system, r, Math.min(round, left));
    steps = add(steps, correction.steps);
    const used = peek(correction.steps);
    left -= method === 'dense' ? most : Math.max(1, used ?? round);
    x = add(x, correction.dx);
    r = sub(b, system.apply(x));
    const now = squaresOf(r);
    trouble = correction.trouble;
    const stalled = used !== undefined && !(peek(now)! < 0.98 * peek(squares)!);
    squares = now;
    if (trouble !== undefined || stalled || peek(system.goesOn(now)) === 0) break;
  }
  return { x, residual: sqrt(squares), steps, trouble };
}

const squaresOf = (x: Tensor): Tensor => inner(x, x);

/** How far A (-2 v) may be from -2 A v, relative to A v. */
const LINEAR = 1e-3;

/** A TypeError where A (-2 v) is not -2 A v, if values can be looked at. */
export function checkLinear(who: string, linear: Linear, v: Tensor): void {
  const { difference, size } = doubled(linear, v);
  const far = peek(difference)!;
  if (!(far > LINEAR * peek(size)!)) return;
  throw new TypeError(`${who}: expected a linear matvec, got one with |matvec(-2 v) + 2 matvec(v)| = ${far} for one v`);
}

/** 1 where A (-2 v) is -2 A v, else 0. */
export function isLinear(linear: Linear, v: Tensor): Tensor {
  const { difference, size } = doubled(linear, v);
  return sub(1, greater(difference, mul(size, LINEAR)));
}

/** |A (-2 v) + 2 A v| and |A v|. */
function doubled({ apply }: Linear, v: Tensor): { readonly difference: Tensor; readonly size: Tensor } {
  const once = detach(apply(v));
  const twice = detach(apply(mul(v, -2)));
  const norm = (x: Tensor): Tensor => sqrt(squaresOf(x));
  return { difference: norm(add(twice, mul(once, 2))), size: norm(once) };
}
