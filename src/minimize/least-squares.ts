import { atLeast, count, oneOf } from '../core/check.js';
import { checkOptions } from '../core/options.js';
import type { Tensor } from '../core/tensor.js';
import { inner } from '../implicit/methods/method.js';
import { vectorsOf } from '../implicit/vector.js';
import { mul } from '../ops/index.js';
import { checkFunction } from '../transforms/differentiate.js';
import { byCg, byQr, levenbergMarquardt } from './levenberg-marquardt.js';
import { limitsOf, searchChecks, type Minimum, type SearchOptions } from './minimum.js';
import { linearizedBy, packedBy, residualQuestions, residualsFrom, residualsOf, type Near } from './residuals.js';
import type { Hidden } from './objective.js';
import { minimumOf } from './result.js';
import { search } from './search.js';
import { withCounts, type Each, type Found } from './searched.js';

/** How `leastSquares` searches. */
export interface LeastSquaresOptions<T> extends SearchOptions<T> {
  /**
   * How the linear least squares of a step are solved. 'qr' makes the Jacobian: it is the default
   * for up to 100 parameters. 'cg' takes products with it.
   */
  readonly method?: 'qr' | 'cg';
  /** The first damping, relative to J'J; 1e-3 by default. 0 begins with Gauss-Newton steps. */
  readonly damping?: number;
  /** Of 'cg': most products with J'J for one step; 100 by default. */
  readonly cgSteps?: number;
}

/** For more parameters than this, 'cg' is the default. */
const MOST_DENSE = 100;

/**
 * Parameters x, a tree, that make half the sum of squares of residuals small, by the method of
 * Levenberg and Marquardt. Residuals are a tensor or a tree of them. Result, derivatives and errors
 * are those of `minimize`.
 * @param residuals a pure function
 * @param x0 where the search begins: float tensors of one dtype, and anything else, which stays
 * @example
 * // The line through (0, 1), (1, 3), (2, 5).
 * const line = ({ a, b }: { a: Tensor; b: Tensor }) =>
 *   sub(add(mul(tensor([0, 1, 2]), a), b), tensor([1, 3, 5]));
 * const { x, converged } = leastSquares(line, { a: tensor(0), b: tensor(0) });
 * Math.round(x.a.item() * 1000); // 2000
 * converged; // true
 */
export function leastSquares<T = Tensor>(
  residuals: (x: T) => unknown,
  x0: T,
  options: LeastSquaresOptions<NoInfer<T>> = {},
): Minimum<T> {
  const who = 'leastSquares';
  checkFunction(who, residuals);
  const checked = checkOptions(who, options, {
    ...searchChecks,
    method: oneOf('qr', 'cg'),
    damping: atLeast(0),
    cgSteps: count,
  });
  const vectors = vectorsOf(who, 'x0', 'a gradient', x0);
  const start = vectors.pack(x0);
  const { method = start.size <= MOST_DENSE ? 'qr' : 'cg', damping = 1e-3, cgSteps, failure = 'error' } = checked;
  if (cgSteps !== undefined && method !== 'cg')
    throw new RangeError(`${who}: expected cgSteps with method 'cg' only, got method '${method}'`);
  const limits = limitsOf(checked, start);
  const solver = method === 'qr' ? byQr : byCg(cgSteps ?? 100);
  const packed = packedBy(who, residuals);
  const near: Near = (x) => linearizedBy(who, (v) => packed(vectors.unpack(v)), x);
  const seek = (own: Near, x: Tensor, plans: boolean, each?: Each): Found | Hidden => {
    const fit = residualsOf(who, own, x, { plans, checked: failure === 'error' });
    if ('size' in fit) return fit;
    const { start: from, at, counts, watched } = fit;
    const descent = levenbergMarquardt(at, solver, { damping, tolerance: limits.tolerance });
    const told = withCounts(each, counts);
    return { ...search(from, descent, limits, told), ...counts(), watched: watched() };
  };
  const value = (x: T): Tensor => {
    const r = packed(x);
    return mul(inner(r, r), 0.5);
  };
  const slopes = (v: Tensor): Tensor => {
    const { pull, residuals: r } = near(v);
    return pull(r);
  };
  const questions = (size: number) => residualQuestions(near, start, size);
  const searched = { vectors, value, slopes, asks: near, questions, asksFrom: residualsFrom, seek };
  return minimumOf(who, searched, x0, limits, checked);
}
