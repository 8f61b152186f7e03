import { count, oneOf, positive } from '../core/check.js';
import { checkOptions } from '../core/options.js';
import type { Tensor } from '../core/tensor.js';
import { vectorsOf } from '../implicit/vector.js';
import { checkFunction } from '../transforms/differentiate.js';
import { lbfgs } from './lbfgs.js';
import { limitsOf, searchChecks, type Minimum, type SearchOptions } from './minimum.js';
import { newtonCg } from './newton-cg.js';
import { objectiveOf, slopeQuestions, slopesFrom, slopesOf, type Hidden, type Slopes } from './objective.js';
import { minimumOf } from './result.js';
import { search } from './search.js';
import { withCounts, type Each, type Found } from './searched.js';

/** How `minimize` searches. */
export interface MinimizeOptions<T> extends SearchOptions<T> {
  /**
   * 'lbfgs' by default: it needs gradients only. 'newton-cg' takes products with the Hessian, in a
   * trust region; it needs fewer steps, and leaves saddles.
   */
  readonly method?: 'lbfgs' | 'newton-cg';
  /** Of 'lbfgs': how many steps it remembers; 10 by default. */
  readonly history?: number;
  /** Of 'newton-cg': how long the first step may be; 1 by default. */
  readonly radius?: number;
  /** Of 'newton-cg': most products with the Hessian for one step; 100 by default. */
  readonly cgSteps?: number;
}

/** Which method an option is for. */
const OWNER = { history: 'lbfgs', radius: 'newton-cg', cgSteps: 'newton-cg' } as const;

/**
 * A local minimum of a smooth scalar function of a tree, from a first tree x0. Its x has the
 * derivatives of the root of the gradient, in all that f captures: dx = - H^-1 d gradient. x0 has
 * none. Throws a ConvergenceError where the gradient stays too large, unless `failure` says
 * otherwise, and a RangeError where f is not finite at x0. Inside `compile` and `vmap` it searches
 * when values are there, and its numbers are those in `report`.
 * @param f a pure function
 * @param x0 where the search begins: float tensors of one dtype, and anything else, which stays
 * @example
 * const bowl = (c: Tensor) => minimize((x) => sum(square(sub(x, c))), tensor([0, 0]));
 * bowl(tensor([1, 2])).x; // float32[2] on cpu [1, 2]
 * grad((c) => sum(bowl(c).x))(tensor([1, 2])); // float32[2] on cpu [1, 1]
 */
export function minimize<T = Tensor>(
  f: (x: T) => Tensor,
  x0: T,
  options: MinimizeOptions<NoInfer<T>> = {},
): Minimum<T> {
  const who = 'minimize';
  checkFunction(who, f);
  const checked = checkOptions(who, options, {
    ...searchChecks,
    method: oneOf('lbfgs', 'newton-cg'),
    history: count,
    radius: positive,
    cgSteps: count,
  });
  const { method = 'lbfgs', history = 10, radius = 1, cgSteps = 100, failure = 'error' } = checked;
  for (const [name, owner] of Object.entries(OWNER))
    if (checked[name as keyof typeof OWNER] !== undefined && owner !== method)
      throw new RangeError(`${who}: expected ${name} with method '${owner}' only, got method '${method}'`);

  const vectors = vectorsOf(who, 'x0', 'a gradient', x0);
  const asks = slopesOf(who, f, vectors);
  const start = vectors.pack(x0);
  const limits = limitsOf(checked, start);
  const seek = (own: Slopes, x: Tensor, plans: boolean, each?: Each): Found | Hidden => {
    const objective = objectiveOf(who, own, x, { plans, checked: failure === 'error' });
    if ('size' in objective) return objective;
    const { start: from, at, hessian, counts, watched } = objective;
    const told = withCounts(each, counts);
    const ended =
      method === 'lbfgs'
        ? search(from, lbfgs(at, history), limits, told)
        : search(from, newtonCg(at, hessian, { radius, cgSteps }), limits, told);
    return { ...ended, ...counts(), watched: watched() };
  };
  const questions = () => slopeQuestions(asks, start);
  const slopes = (v: Tensor): Tensor => asks.pair(v)[1];
  const searched = { vectors, value: f, slopes, asks, questions, asksFrom: slopesFrom, seek };
  return minimumOf(who, searched, x0, limits, checked);
}
