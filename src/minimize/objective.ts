import { compile } from '../compile/index.js';
import type { Tensor } from '../core/tensor.js';
import { detach } from '../core/storage.js';
import { norm } from '../ops/index.js';
import { linearize } from '../transforms/second-order.js';
import { valueAndGradient } from '../transforms/differentiate.js';
import { quietly, type Watched } from '../implicit/quiet.js';
import { vectorsOf, type Vectors } from '../implicit/vector.js';
import { checkStart, numberIn, type Point } from './point.js';

/** What a search has asked for so far. */
export interface Counts {
  /** Values, most of them with gradients. */
  readonly evaluations: number;
  /** Products with a Hessian or a Jacobian. */
  readonly products: number;
}

/** A function of trees as searches see it: vectors in, numbers out, and nothing is recorded. */
export interface Objective<T> extends Vectors<T> {
  readonly start: Point;
  readonly at: (x: Tensor) => Point;
  /** v -> H v with the Hessian H at x. */
  readonly hessian: (x: Tensor) => (v: Tensor) => Tensor;
  /** The gradient of a vector, with its history. */
  readonly slopes: (x: Tensor) => Tensor;
  readonly counts: () => Counts;
  readonly watched: () => Watched;
}

/** The objective f, looked at in x0. With `compiled` its later evaluations are plans. */
export function objectiveOf<T>(who: string, f: (x: T) => Tensor, x0: T, compiled: boolean): Objective<T> {
  const vectors = vectorsOf(who, 'x0', 'a gradient', x0);
  const { pack, unpack } = vectors;
  const { call, watched } = quietly();
  const pair = (v: Tensor): readonly [Tensor, Tensor] => {
    const [value, gradient] = valueAndGradient(who, f, unpack(v));
    return [value, pack(gradient)];
  };
  const slopes = (v: Tensor): Tensor => pair(v)[1];
  let [evaluations, products] = [0, 0];
  const evaluate = (of: typeof pair, x: Tensor): Point => {
    evaluations++;
    let found!: ReturnType<typeof pair>;
    const gradient = call(() => (found = of(x))[1]);
    return { x, value: numberIn(who, found[0]), gradient, size: numberIn(who, norm(gradient)) };
  };

  const start = evaluate(pair, detach(pack(x0)));
  checkStart(who, 'f', start);
  const later = compiled ? compile(pair) : pair;
  const plan = compiled && compile((x: Tensor, v: Tensor) => linearize(slopes, x)[1](v));
  const hessian = (x: Tensor) => {
    let push!: (v: Tensor) => Tensor;
    if (plan) push = (v) => plan(x, v);
    else
      call(() => {
        const [gradient, pushforward] = linearize(slopes, x);
        push = pushforward;
        return gradient;
      });
    return (v: Tensor): Tensor => {
      products++;
      return call(() => push(v));
    };
  };
  return {
    ...vectors,
    start,
    at: (x) => evaluate(later, x),
    hessian,
    slopes,
    counts: () => ({ evaluations, products }),
    watched,
  };
}
