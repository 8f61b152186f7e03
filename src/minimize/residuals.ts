import { detach } from '../core/storage.js';
import type { Tensor } from '../core/tensor.js';
import { mapFor } from '../core/tree.js';
import { inner } from '../implicit/methods/method.js';
import { quietly, type Watched } from '../implicit/quiet.js';
import { peek } from '../implicit/solution.js';
import { vectorsOf, type Vectors } from '../implicit/vector.js';
import { eye } from '../ops/create.js';
import { norm, onesLike } from '../ops/index.js';
import { vmap } from '../transforms/vmap.js';
import { pullbackOf } from '../transforms/vjp.js';
import { compiled, type Flat } from './flat.js';
import type { Counts, Hidden } from './objective.js';
import { checkStart, type Point } from './point.js';

/** Residuals r near x, and their Jacobian J. */
export interface Linearized {
  readonly residuals: Tensor;
  /** J v. */
  readonly push: (v: Tensor) => Tensor;
  /** J'u. */
  readonly pull: (u: Tensor) => Tensor;
  /** J', of shape [n, m], by one push of all n directions. */
  readonly transposed: () => Tensor;
}

/** Residuals near each x. */
export type Near = (x: Tensor) => Linearized;

/** A place with its residuals; the value is half the sum of their squares, and the gradient J'r. */
export interface ResidualPoint extends Point, Linearized {}

/** A place whose gradient nobody has asked for yet. */
export interface Guess {
  readonly value: number;
  readonly accept: () => ResidualPoint;
}

/** Residuals as searches see them: vectors in, numbers out, and nothing is recorded. */
export interface Residuals {
  readonly start: ResidualPoint;
  readonly at: (x: Tensor) => Guess;
  readonly counts: () => Counts;
  readonly watched: () => Watched;
}

/** Residuals near x as functions of tensors; there are `count` residuals. */
export const residualQuestions = (near: Near, x: Tensor, count: number) => ({
  residuals: { inputs: [x], f: (at: Tensor) => [near(at).residuals] } as Flat,
  push: { inputs: [x, x], f: (at: Tensor, v: Tensor) => [near(at).push(v)] } as Flat,
  pull: {
    inputs: [x, { shape: [count], dtype: x.dtype }],
    f: (at: Tensor, u: Tensor) => [near(at).pull(u)],
  } as Flat,
  transposed: { inputs: [x], f: (at: Tensor) => [near(at).transposed()] } as Flat,
});

/** And back. */
export const residualsFrom =
  ({ residuals, push, pull, transposed }: ReturnType<typeof residualQuestions>): Near =>
  (x) => ({
    residuals: residuals.f(x)[0]!,
    push: (v) => push.f(x, v)[0]!,
    pull: (u) => pull.f(x, u)[0]!,
    transposed: () => transposed.f(x)[0]!,
  });

/**
 * Residuals, looked at in x0. With `plans` their later evaluations are plans. Throws a RangeError
 * where they are not finite there, if `checked`.
 */
export function residualsOf(
  who: string,
  near: Near,
  x0: Tensor,
  { plans, checked }: { readonly plans: boolean; readonly checked: boolean },
): Residuals | Hidden {
  const { call, watched } = quietly();
  let [evaluations, products] = [0, 0];

  let size = 0;
  const guess = (of: Near, x: Tensor): Guess | undefined => {
    evaluations++;
    let found!: Linearized;
    const residuals = call(() => (found = of(x)).residuals);
    size = residuals.size;
    const squares = peek(inner(residuals, residuals));
    if (squares === undefined) return undefined;
    const accept = (): ResidualPoint => {
      const gradient = call(() => found.pull(residuals));
      return {
        ...{ x, value: squares / 2, gradient, size: peek(norm(gradient))!, residuals },
        push: (v) => {
          products++;
          return call(() => found.push(v));
        },
        pull: (u) => call(() => found.pull(u)),
        transposed: () => {
          products += x.size;
          return call(found.transposed);
        },
      };
    };
    return { value: squares / 2, accept };
  };

  const start = guess(near, x0)?.accept();
  if (!start) return { size, watched: watched() };
  if (checked) checkStart(who, 'the sum of squares', start);
  const later = plans ? residualsFrom(compiled(residualQuestions(near, x0, start.residuals.size))) : near;
  return { start, at: (x) => guess(later, x)!, counts: () => ({ evaluations, products }), watched };
}

/** Residuals as one vector, of the structure that they have at first. */
export function packedBy<T>(who: string, f: (x: T) => unknown): (tree: T) => Tensor {
  let pack: Vectors<unknown>['pack'] | undefined;
  return (tree) => {
    const found = f(tree);
    // Only its shapes are kept, and not its history.
    pack ??= vectorsOf(
      who,
      'the first residuals',
      'residuals',
      mapFor(who)((r) => detach(r), found),
    ).pack;
    return pack(found);
  };
}

/** f near x. The pullback is linear, and its own pullback is the Jacobian. */
export function linearizedBy(who: string, f: (x: Tensor) => Tensor, x: Tensor): Linearized {
  const [residuals, pull] = pullbackOf(who, f, x);
  let known: ((v: Tensor) => Tensor) | undefined;
  const forward = () => (known ??= pullbackOf(who, pull, onesLike(residuals))[1]);
  return {
    residuals,
    pull,
    push: (v) => forward()(v),
    transposed: () => vmap(forward())(eye(x.device, x.size, x.dtype)),
  };
}
