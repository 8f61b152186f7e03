import type { Tensor } from '../core/tensor.js';
import { inner } from '../implicit/methods/method.js';
import { peek } from '../implicit/solution.js';
import { add, norm } from '../ops/index.js';
import { epsilonOf, isFinitePoint, noiseAt, type Point } from './point.js';
import type { Descent } from './search.js';
import { truncatedCg } from './truncated-cg.js';

/** A radius that has grown so many times tells of a function without a minimum. */
const MOST_GROWTH = 1e15;

/**
 * Newton's method in a trust region, whose radius is the state. Conjugate gradients solve for the
 * step, to a residual of min(1/2, sqrt |g|) |g|, so that the last steps converge superlinearly.
 * Source: Nocedal and Wright, algorithms 4.1 and 7.2.
 */
export function newtonCg(
  at: (x: Tensor) => Point,
  hessian: (x: Tensor) => (v: Tensor) => Tensor,
  { radius: first, cgSteps: maxSteps }: { readonly radius: number; readonly cgSteps: number },
): Descent<Point, number> {
  return {
    state: first,
    step: (from, before) => {
      const apply = hessian(from.x);
      const target = Math.min(0.5, Math.sqrt(from.size)) * from.size;
      const [noise, least] = [noiseAt(from), epsilonOf(from.x) * peek(norm(from.x))!];
      for (let radius = before; radius > least;) {
        if (radius > MOST_GROWTH * first) return 'unbounded';
        const { p, hp, atRadius } = truncatedCg(apply, from.gradient, { radius, target, maxSteps });
        const point = at(add(from.x, p));
        if (point.value === -Infinity) return 'unbounded';
        const promised = -peek(inner(from.gradient, p))! - peek(inner(p, hp))! / 2;
        // Near the minimum both are rounding, and their ratio says nothing.
        const ratio = (from.value - point.value + noise) / (promised + noise);
        const good = isFinitePoint(point) && ratio > 0.1;
        const size = peek(norm(p))!;
        const next = !good || ratio < 0.25 ? size / 4 : ratio > 0.75 && atRadius ? 2 * radius : radius;
        if (good) return { point, state: next };
        radius = next;
      }
      return 'no descent';
    },
  };
}
