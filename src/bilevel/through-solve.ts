import type { Gradient } from '../core/tree.js';
import { dot } from '../ops/index.js';
import { valueAndGradient } from '../transforms/differentiate.js';
import { pullbackOf } from '../transforms/vjp.js';
import type { Tensor } from '../core/tensor.js';
import { byNystrom, bySolving, type InverseProduct } from './inverse-hessian.js';
import type { State, Step } from './lower-level.js';
import type { Solving } from './mode.js';
import { byPenalty } from './penalty.js';
import { descend } from './rule.js';

/** The gradient in the masks of the weights that minimize the lower loss of a step. */
export function throughSolve<T, S, B, A>(
  who: string,
  step: Step<T, S, B, A>,
  end: State<T, S, A>,
  top: { readonly theta: Gradient<T>; readonly ms: unknown },
  mode: Solving,
  upper: (theta: T, ms: S) => Tensor,
): { dMs: Gradient<S>; solve: Omit<InverseProduct<unknown>, 'x'> } {
  if ('penalty' in mode) return byPenalty(who, step, end, upper, mode.penalty);
  const [{ loss, batch }, { theta, ms, carried }] = [step, end];
  const gradient = <X>(f: (x: X) => Tensor, x: X): Gradient<X> => valueAndGradient(who, f, x)[1];
  const slope = (w: T, masks: S): Gradient<T> => gradient((u: T) => loss(u, masks, batch, carried as A)[0], w);
  // H is symmetric, so that a pullback of the slope is a product with it: the slope is made once.
  const [, hessian] = pullbackOf(who, (w: T) => slope(w, ms), theta);
  const product = (v: Gradient<T>): Gradient<T> => hessian(v as never); // one structure
  const { x, ...solve } =
    'implicit' in mode
      ? bySolving(who, product, top.theta, mode.implicit)
      : byNystrom(who, product, top.theta, mode.nystrom);
  const mixed = gradient((masks: S) => dot(slope(theta, masks), x), ms);
  return { dMs: descend(who, top.ms, mixed, 1) as Gradient<S>, solve };
}
