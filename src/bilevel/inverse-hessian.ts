import { atLeast, count, integer, positive } from '../core/check.js';
import { randomWords } from '../core/random.js';
import { detach } from '../core/storage.js';
import type { Tensor } from '../core/tensor.js';
import { solveVector } from '../implicit/solve-vector.js';
import { linearSolve, settingsFor, solverChecks, type SolverOptions } from '../implicit/linear-solve.js';
import { vectorsOf } from '../implicit/vector.js';
import {
  abs,
  add,
  div,
  full,
  matmul,
  mul,
  oneHot,
  reshape,
  sqrt,
  stack,
  sub,
  sum,
  take,
  transpose,
} from '../ops/index.js';
import { eye, fromTypedArray } from '../ops/create.js';

/** How the mode `implicit` of `hypergradient` solves with the Hessian of the lower loss. */
export interface ImplicitOptions extends SolverOptions {
  /** Solves with H + ridge I: 0 by default. */
  readonly ridge?: number;
}

/** How the mode `nystrom` of `hypergradient` approximates the Hessian of the lower loss. */
export interface NystromOptions {
  /** How many columns of the Hessian are computed, each by one product. */
  readonly rank: number;
  /** Added to the diagonal, above 0. */
  readonly ridge: number;
  /** Of the choice of the columns; 0 by default. */
  readonly seed?: number;
}

/** The checks of `ImplicitOptions` and `NystromOptions`. */
export const implicitChecks = { ...solverChecks, ridge: atLeast(0) };
export const nystromChecks = {
  rank: { needed: count },
  ridge: { needed: positive },
  seed: integer(0, 2 ** 31 - 1),
};

/** A product with an inverse Hessian, and how it went. */
export interface InverseProduct<T> {
  readonly x: T;
  readonly residual: Tensor;
  readonly steps: Tensor;
  /** 1 where the solver reached its tolerance (int32); 'nystrom' has none to reach. */
  readonly converged?: Tensor;
}

/** (H + ridge I)^-1 a for the product v -> H v of a Hessian, by a solver of linear systems. */
export function bySolving<T>(who: string, hessian: (v: T) => T, a: T, given: ImplicitOptions): InverseProduct<T> {
  const { ridge = 0, ...solver } = given;
  const { pack, unpack, lift } = vectorsOf(who, 'theta', 'a gradient', a);
  const [b, product] = [pack(a), lift(hessian)];
  const apply = (v: Tensor): Tensor => add(product(v), mul(v, ridge));
  const { x, ...rest } = solveVector(who, { apply }, b, settingsFor({ method: 'cg', ...solver }, b));
  return { x: unpack(x), ...rest };
}

/**
 * (H + r I)^-1 a with H in the place of C W^-1 C', where C are some columns of H, and W their rows
 * of the same numbers: (a - C (r W + C'C)^-1 C'a) / r. Source: Hataya and Yamada 2023, Nystrom
 * Method for Accurate and Scalable Implicit Differentiation.
 */
export function byNystrom<T>(who: string, hessian: (v: T) => T, a: T, given: NystromOptions): InverseProduct<T> {
  const { rank, ridge, seed = 0 } = given;
  const { pack, unpack, lift } = vectorsOf(who, 'theta', 'a gradient', a);
  const [b, product] = [pack(a), lift(hessian)];
  if (rank > b.size) throw new RangeError(`${who}: expected a rank of at most ${b.size}, got ${rank}`);
  const at = fromTypedArray(b.device, chosen(b.size, rank, seed), [rank]);
  const units = oneHot(at, b.size, { dtype: b.dtype });
  const columns = stack(
    Array.from({ length: rank }, (_, i) => product(take(units, pick(b, i)))),
    1,
  );
  const across = transpose(columns);
  // Columns may depend on each other. What the rounding guard leaves over shows in the residual.
  const gram = add(mul(take(columns, at), ridge), matmul(across, columns));
  const unit = eye(b.device, rank, b.dtype);
  const guard = mul(sum(mul(abs(gram), unit)), (b.dtype === 'float64' ? 1e-13 : 1e-6) / rank);
  const small = add(gram, mul(unit, guard));
  const times = (m: Tensor, v: Tensor): Tensor => reshape(matmul(m, reshape(v, [v.size, 1])), [m.shape[0]!]);
  const inner = linearSolve((v: Tensor) => times(small, v), times(across, b), { method: 'dense', failure: 'report' }).x;
  const x = div(sub(b, times(columns, inner)), ridge);
  const rest = sub(b, add(product(x), mul(x, ridge)));
  const residual = detach(sqrt(sum(mul(rest, rest))));
  return { x: unpack(x), residual, steps: full(b.device, [], rank, 'int32') };
}

const pick = (b: Tensor, i: number): Tensor => full(b.device, [], i, 'int32');

/** Distinct numbers below n: those with the least random words. */
function chosen(n: number, rank: number, seed: number): Int32Array {
  const words = randomWords([seed, 0], n);
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => words[i]! - words[j]! || i - j);
  return Int32Array.from(order.slice(0, rank)).sort();
}
