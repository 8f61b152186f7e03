import { compile } from '../compile/index.js';
import { detach } from '../core/storage.js';
import type { Tensor } from '../core/tensor.js';
import { mapFor } from '../core/tree.js';
import { inner } from '../implicit/methods/method.js';
import { quietly, type Watched } from '../implicit/quiet.js';
import { vectorsOf, type Vectors } from '../implicit/vector.js';
import { eye } from '../ops/create.js';
import { mul, norm, onesLike } from '../ops/index.js';
import { vmap } from '../transforms/vmap.js';
import { pullbackOf } from '../transforms/vjp.js';
import type { Counts } from './objective.js';
import { checkStart, numberIn, type Point } from './point.js';

/** Residuals r near x, and their Jacobian J. */
interface Linearized {
  readonly residuals: Tensor;
  /** J v. */
  readonly push: (v: Tensor) => Tensor;
  /** J'u. */
  readonly pull: (u: Tensor) => Tensor;
  /** J', of shape [n, m], by one push of all n directions. */
  readonly transposed: () => Tensor;
}

/** A place with its residuals; the value is half the sum of their squares, and the gradient J'r. */
export interface ResidualPoint extends Point, Linearized {}

/** A place whose gradient nobody has asked for yet. */
export interface Guess {
  readonly value: number;
  readonly accept: () => ResidualPoint;
}

/** Residuals of trees as searches see them. */
export interface Residuals<T> extends Vectors<T> {
  readonly start: ResidualPoint;
  readonly at: (x: Tensor) => Guess;
  /** Half the sum of squares of a tree, with its history. */
  readonly value: (x: T) => Tensor;
  /** J'r at a vector, with its history. */
  readonly slopes: (x: Tensor) => Tensor;
  readonly counts: () => Counts;
  readonly watched: () => Watched;
}

/** The residuals f, looked at in x0. With `compiled` their later evaluations are plans. */
export function residualsOf<T>(who: string, f: (x: T) => unknown, x0: T, compiled: boolean): Residuals<T> {
  const vectors = vectorsOf(who, 'x0', 'a gradient', x0);
  const { call, watched } = quietly();
  const packed = packedBy(who, f);
  const direct = (v: Tensor): Tensor => packed(vectors.unpack(v));
  let [evaluations, products] = [0, 0];

  const guess = (of: (x: Tensor) => Linearized, x: Tensor): Guess => {
    evaluations++;
    let found!: Linearized;
    const residuals = call(() => (found = of(x)).residuals);
    const value = numberIn(who, inner(residuals, residuals)) / 2;
    const accept = (): ResidualPoint => {
      const gradient = call(() => found.pull(residuals));
      return {
        ...{ x, value, gradient, size: numberIn(who, norm(gradient)), residuals },
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
    return { value, accept };
  };

  const eager = (x: Tensor): Linearized => linearizedBy(who, direct, x);
  const start = guess(eager, detach(vectors.pack(x0))).accept();
  checkStart(who, 'the sum of squares', start);
  const later = compiled ? plansOf(direct, eager) : eager;
  return {
    ...vectors,
    start,
    at: (x) => guess(later, x),
    value: (x) => {
      const r = packed(x);
      return mul(inner(r, r), 0.5);
    },
    slopes: (v) => {
      const { pull, residuals } = eager(v);
      return pull(residuals);
    },
    counts: () => ({ evaluations, products }),
    watched,
  };
}

/** Residuals as one vector, of the structure that they have at first. */
function packedBy<T>(who: string, f: (x: T) => unknown): (tree: T) => Tensor {
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
function linearizedBy(who: string, f: (x: Tensor) => Tensor, x: Tensor): Linearized {
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

/** The same by plans, each of which begins with x. */
function plansOf(f: (x: Tensor) => Tensor, eager: (x: Tensor) => Linearized): (x: Tensor) => Linearized {
  const residuals = compile(f);
  const push = compile((x: Tensor, v: Tensor) => eager(x).push(v));
  const pull = compile((x: Tensor, u: Tensor) => eager(x).pull(u));
  const transposed = compile((x: Tensor) => eager(x).transposed());
  return (x) => ({
    residuals: residuals(x),
    push: (v) => push(x, v),
    pull: (u) => pull(x, u),
    transposed: () => transposed(x),
  });
}
