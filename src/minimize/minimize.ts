import { count, oneOf, positive } from '../core/check.js';
import { checkOptions } from '../core/options.js';
import type { Tensor } from '../core/tensor.js';
import { checkFunction } from '../transforms/differentiate.js';
import { lbfgs } from './lbfgs.js';
import { limitsOf, minimumOf, searchChecks, teller, type Minimum, type SearchOptions } from './minimum.js';
import { newtonCg } from './newton-cg.js';
import { objectiveOf } from './objective.js';
import { search } from './search.js';

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
 * otherwise, and a RangeError where f is not finite at x0.
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
  const { method = 'lbfgs', history = 10, radius = 1, cgSteps = 100 } = checked;
  for (const [name, owner] of Object.entries(OWNER))
    if (checked[name as keyof typeof OWNER] !== undefined && owner !== method)
      throw new RangeError(`${who}: expected ${name} with method '${owner}' only, got method '${method}'`);

  const objective = objectiveOf(who, f, x0, checked.compile ?? false);
  const { start, at, hessian } = objective;
  const [limits, each] = [limitsOf(checked, start.x), teller(checked, objective)];
  const ended =
    method === 'lbfgs'
      ? search(start, lbfgs(at, history), limits, each)
      : search(start, newtonCg(at, hessian, { radius, cgSteps }), limits, each);
  return minimumOf(who, { ...objective, value: f }, ended, limits, checked);
}
