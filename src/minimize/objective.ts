import type { Tensor } from '../core/tensor.js';
import { norm } from '../ops/index.js';
import { linearize } from '../transforms/second-order.js';
import { valueAndGradient } from '../transforms/differentiate.js';
import { hidesValues } from '../core/device.js';
import { peek } from '../implicit/solution.js';
import { quietly, type Watched } from '../implicit/quiet.js';
import type { Vectors } from '../implicit/vector.js';
import { compiled, type Flat } from './flat.js';
import { checkStart, type Point } from './point.js';

/** What a search has asked for so far. */
export interface Counts {
  /** Values, most of them with gradients. */
  readonly evaluations: number;
  /** Products with a Hessian or a Jacobian. */
  readonly products: number;
}

/** A function of vectors and its derivatives, with their histories. */
export interface Slopes {
  readonly pair: (x: Tensor) => readonly [value: Tensor, gradient: Tensor];
  /** v -> H v with the Hessian H at x. */
  readonly hessian: (x: Tensor) => (v: Tensor) => Tensor;
}

/** A function as searches see it: vectors in, numbers out, and nothing is recorded. */
export interface Objective {
  readonly start: Point;
  readonly at: (x: Tensor) => Point;
  /** v -> H v with the Hessian H at x. */
  readonly hessian: (x: Tensor) => (v: Tensor) => Tensor;
  readonly counts: () => Counts;
  readonly watched: () => Watched;
}

/** What is known of a function whose values nobody can look at. */
export interface Hidden {
  /** Elements of what it gives. */
  readonly size: number;
  readonly watched: Watched;
}

/** The slopes of a function of trees. */
export function slopesOf<T>(who: string, f: (x: T) => Tensor, { pack, unpack }: Vectors<T>): Slopes {
  const pair = (v: Tensor): readonly [Tensor, Tensor] => {
    const [value, gradient] = valueAndGradient(who, f, unpack(v));
    return [value, pack(gradient)];
  };
  return { pair, hessian: (x) => linearize((v: Tensor) => pair(v)[1], x)[1] };
}

/** Slopes as functions of tensors. */
export const slopeQuestions = ({ pair, hessian }: Slopes, x: Tensor) => ({
  pair: { inputs: [x], f: (at: Tensor) => pair(at) } as Flat,
  product: { inputs: [x, x], f: (at: Tensor, v: Tensor) => [hessian(at)(v)] } as Flat,
});

/** And back. */
export const slopesFrom = ({ pair, product }: ReturnType<typeof slopeQuestions>): Slopes => ({
  pair: (x) => pair.f(x) as [Tensor, Tensor],
  hessian: (x) => (v) => product.f(x, v)[0]!,
});

/**
 * The objective with these slopes, looked at in x0. With `plans` its later evaluations are plans.
 * Throws a RangeError where it is not finite there, if `checked`.
 */
export function objectiveOf(
  who: string,
  slopes: Slopes,
  x0: Tensor,
  { plans, checked }: { readonly plans: boolean; readonly checked: boolean },
): Objective | Hidden {
  const { call, watched } = quietly();
  let [evaluations, products] = [0, 0];
  const evaluate = ({ pair }: Slopes, x: Tensor): Point | undefined => {
    evaluations++;
    let value!: Tensor;
    const gradient = call(() => {
      const found = pair(x);
      value = found[0];
      return found[1];
    });
    if ([value, gradient].some(({ device }) => hidesValues(device))) return undefined;
    return { x, value: peek(value)!, gradient, size: peek(norm(gradient))! };
  };

  const start = evaluate(slopes, x0);
  if (!start) return { size: 1, watched: watched() };
  if (checked) checkStart(who, 'f', start);
  const later = plans ? slopesFrom(compiled(slopeQuestions(slopes, x0))) : slopes;
  const hessian = (x: Tensor) => {
    let push!: (v: Tensor) => Tensor;
    call(() => {
      push = later.hessian(x);
      return x;
    });
    return (v: Tensor): Tensor => {
      products++;
      return call(() => push(v));
    };
  };
  const counts = () => ({ evaluations, products });
  return { start, at: (x) => evaluate(later, x)!, hessian, counts, watched };
}
