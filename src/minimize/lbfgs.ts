import type { Tensor } from '../core/tensor.js';
import { inner } from '../implicit/methods/method.js';
import { peek } from '../implicit/solution.js';
import { add, div, mul, neg, sub } from '../ops/index.js';
import { strongWolfe, type Trial } from './line-search.js';
import { epsilonOf, type Point } from './point.js';
import type { Descent } from './search.js';

/** A step and the change of the gradient along it. */
interface Pair {
  readonly s: Tensor;
  readonly y: Tensor;
  /** s'y. */
  readonly sy: Tensor;
}

/**
 * Limited-memory BFGS with a line search: the last `history` pairs stand for the Hessian. Where
 * their direction leads nowhere, it begins again with the gradient. Source: Nocedal and Wright,
 * algorithms 7.4 and 7.5.
 */
export function lbfgs(at: (x: Tensor) => Point, history: number): Descent<Point, readonly Pair[]> {
  const along = (from: Point, pairs: readonly Pair[]) => {
    const p = neg(inverseProduct(from.gradient, pairs));
    const trial = (length: number, point: Point): Trial => ({ length, point, slope: peek(inner(point.gradient, p))! });
    const start = trial(0, from);
    if (!(start.slope < 0)) return 'no descent';
    const first = pairs.length > 0 ? 1 : Math.min(1, 1 / from.size);
    return strongWolfe(start, (length) => trial(length, at(add(from.x, mul(p, length)))), first);
  };
  return {
    state: [],
    step: (from, pairs) => {
      const tried = along(from, pairs);
      const again = tried === 'no descent' && pairs.length > 0;
      const found = again ? along(from, []) : tried;
      if (typeof found === 'string') return found;
      const { point } = found;
      const pair = pairOf(from, point);
      return { point, state: [...(again ? [] : pairs), ...(pair ? [pair] : [])].slice(-history) };
    },
  };
}

/** The pair of a step, unless its curvature is rounding. */
function pairOf(from: Point, to: Point): Pair | undefined {
  const [s, y] = [sub(to.x, from.x), sub(to.gradient, from.gradient)];
  const sy = inner(s, y);
  const least = epsilonOf(s) * Math.sqrt(peek(inner(s, s))! * peek(inner(y, y))!);
  return peek(sy)! > least ? { s, y, sy } : undefined;
}

/** The product with the inverse Hessian of the pairs: the two loops of algorithm 7.4. */
function inverseProduct(gradient: Tensor, pairs: readonly Pair[]): Tensor {
  const last = pairs.at(-1);
  if (!last) return gradient;
  let q = gradient;
  const alphas: Tensor[] = [];
  for (const { s, y, sy } of [...pairs].reverse()) {
    const alpha = div(inner(s, q), sy);
    alphas.push(alpha);
    q = sub(q, mul(y, alpha));
  }
  let r = mul(q, div(last.sy, inner(last.y, last.y)));
  for (const { s, y, sy } of pairs) r = add(r, mul(s, sub(alphas.pop()!, div(inner(y, r), sy))));
  return r;
}
