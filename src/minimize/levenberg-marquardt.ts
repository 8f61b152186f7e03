import type { Tensor } from '../core/tensor.js';
import { inner } from '../implicit/methods/method.js';
import { peek } from '../implicit/solution.js';
import {
  abs,
  add,
  concat,
  diagonal,
  div,
  expandDims,
  matmul,
  maximum,
  min,
  mul,
  neg,
  norm,
  qr,
  reshape,
  transpose,
  triangularSolve,
  where,
  zerosLike,
} from '../ops/index.js';
import { eye } from '../ops/create.js';
import { epsilonOf, isFinitePoint, noiseAt } from './point.js';
import type { Guess, ResidualPoint } from './residuals.js';
import type { Descent } from './search.js';
import { truncatedCg } from './truncated-cg.js';

/** How much the next step is damped. */
export interface Damping {
  readonly lambda: number;
  /** The units of the parameters, as the steps before have shown them. */
  readonly scale?: Tensor;
}

/** The steps p with (J'J + lambda S^2) p = - J'r at one point; undefined where there is none. */
interface Model {
  readonly solve: (lambda: number) => Tensor | undefined;
  readonly scale?: Tensor;
}
/** A way to solve for them. */
export type DampedSolver = (from: ResidualPoint, scale: Tensor | undefined) => Model;

/** Where a step failed without damping, and the most that a step is damped. */
const [FIRST_LAMBDA, MOST_LAMBDA] = [1e-3, 1e20];

/**
 * Gauss-Newton steps with the damping of Levenberg and Marquardt. lambda becomes smaller after good
 * steps, and larger after bad ones, as in Nielsen 1999, Damping Parameter in Marquardt's Method.
 * It ends by 'reduction' where residuals that were linear could make the value smaller, without
 * damping, by a part of at most tolerance^2, or by rounding.
 */
export function levenbergMarquardt(
  at: (x: Tensor) => Guess,
  solver: DampedSolver,
  { damping, tolerance }: { readonly damping: number; readonly tolerance: number },
): Descent<ResidualPoint, Damping> {
  return {
    state: { lambda: damping },
    step: (from, state) => {
      const { solve, scale } = solver(from, state.scale);
      const noise = noiseAt(from);
      const least = Math.max(tolerance ** 2, 100 * epsilonOf(from.x)) * from.value;
      let lambda = state.lambda;
      for (let growth = 2; lambda <= MOST_LAMBDA; growth *= 2) {
        const p = solve(lambda);
        const promised = p ? promisedBy(from, p) : NaN;
        if (promised >= 0) {
          const guess = at(add(from.x, p!));
          const ratio = (from.value - guess.value + noise) / (promised + noise);
          const point = ratio > 1e-3 ? guess.accept() : undefined;
          if (point && isFinitePoint(point)) {
            const next = { lambda: lambda * Math.max(1 / 3, 1 - (2 * ratio - 1) ** 3), ...(scale && { scale }) };
            const done = promised <= least && leftAt(from, solve, lambda) <= least;
            return { point, state: next, ...(done && { reason: 'reduction' }) };
          }
        }
        lambda = Math.max(lambda * growth, FIRST_LAMBDA);
      }
      return 'no descent';
    },
  };
}

/** What a step promises that is hardly damped. A damped one may promise little: it is short. */
function leftAt(from: ResidualPoint, solve: Model['solve'], lambda: number): number {
  const p = solve(Math.min(lambda, epsilonOf(from.x)));
  return p ? promisedBy(from, p) : Infinity;
}

/** How much smaller the value becomes by p if residuals are linear: - g'p - |J p|^2 / 2. */
function promisedBy({ gradient, push }: ResidualPoint, p: Tensor): number {
  const jp = push(p);
  return -peek(inner(gradient, p))! - peek(inner(jp, jp))! / 2;
}

/**
 * The least squares of [J; sqrt(lambda) S] p + [r; 0] by QR, for few parameters. S has the largest
 * norm that each column of J has had (More 1978), so that units do not matter.
 */
export const byQr: DampedSolver = ({ residuals, transposed }, before) => {
  const columns = transposed();
  const n = columns.shape[0]!;
  const norms = norm(columns, 1);
  const largest = before ? maximum(before, norms) : norms;
  const scale = where(largest, largest, 1);
  const right = neg(concat([residuals, zerosLike(scale)]));
  const solve = (lambda: number): Tensor | undefined => {
    const damped = mul(eye(columns.device, n, columns.dtype), mul(scale, Math.sqrt(lambda)));
    const { q, r } = qr(concat([transpose(columns), damped]));
    // Negated, so that NaN is no pivot either.
    if (!(peek(min(abs(diagonal(r))))! > 0)) return undefined;
    return triangularSolve(r, reshape(matmul(transpose(q), expandDims(right, 1)), [n]), { lower: false });
  };
  return { solve, scale };
};

/**
 * Conjugate gradients on the normal equations, for many parameters: products with J and J' alone.
 * S is the number |J g| / |g|.
 */
export const byCg =
  (maxSteps: number): DampedSolver =>
  ({ gradient, size, push, pull, x }) => {
    const image = push(gradient);
    const unit = peek(div(inner(image, image), inner(gradient, gradient)))!;
    const target = Math.max(epsilonOf(x), Math.min(1e-3, Math.sqrt(size))) * size;
    const solve = (lambda: number): Tensor => {
      const apply = (v: Tensor): Tensor => add(pull(push(v)), mul(v, lambda * unit));
      return truncatedCg(apply, gradient, { radius: Infinity, target, maxSteps }).p;
    };
    return { solve };
  };
