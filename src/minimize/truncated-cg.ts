import type { Tensor } from '../core/tensor.js';
import { inner } from '../implicit/methods/method.js';
import { peek } from '../implicit/solution.js';
import { add, mul, neg, norm, sub, zerosLike } from '../ops/index.js';

/** Where conjugate gradients may end early. */
export interface Truncation {
  /** |p| may be at most this, Infinity included. */
  readonly radius: number;
  /** The residual |g + H p| may be at most this. */
  readonly target: number;
  readonly maxSteps: number;
}

/** A step that makes a quadratic model smaller. */
export interface ModelStep {
  readonly p: Tensor;
  /** H p. */
  readonly hp: Tensor;
  /** True where it ends at the radius. */
  readonly atRadius: boolean;
}

/**
 * A step p that makes g'p + p'H p / 2 small within |p| <= radius, by conjugate gradients. A
 * direction of negative curvature is followed to the radius. Source: Steihaug 1983; Nocedal and
 * Wright, algorithm 7.2.
 */
export function truncatedCg(
  apply: (v: Tensor) => Tensor,
  g: Tensor,
  { radius, target, maxSteps }: Truncation,
): ModelStep {
  let [p, hp, r, d] = [zerosLike(g), zerosLike(g), g, neg(g)];
  let squares = peek(inner(r, r))!;
  const toRadius = (hd: Tensor): ModelStep => {
    if (radius === Infinity) return { p, hp, atRadius: false };
    const length = lengthTo(radius, p, d);
    return { p: add(p, mul(d, length)), hp: add(hp, mul(hd, length)), atRadius: true };
  };
  for (let k = 0; k < maxSteps && Math.sqrt(squares) > target; k++) {
    const hd = apply(d);
    const curvature = peek(inner(d, hd))!;
    // Where the Hessian is no number, the gradient alone is the model.
    if (!(curvature > 0)) return toRadius(Number.isNaN(curvature) ? zerosLike(hd) : hd);
    const alpha = squares / curvature;
    const next = add(p, mul(d, alpha));
    if (!(peek(norm(next))! < radius)) return toRadius(hd);
    p = next;
    hp = add(hp, mul(hd, alpha));
    r = add(r, mul(hd, alpha));
    const now = peek(inner(r, r))!;
    d = sub(mul(d, now / squares), r);
    squares = now;
  }
  return { p, hp, atRadius: false };
}

/** The positive t with |p + t d| = radius, where p'd is at least 0 as in conjugate gradients. */
function lengthTo(radius: number, p: Tensor, d: Tensor): number {
  const size = peek(norm(d))!;
  const half = peek(inner(p, d))! / size;
  const rest = Math.max(0, (radius - peek(norm(p))!) * (radius + peek(norm(p))!));
  // The form of the root that does not cancel.
  return rest / (half + Math.sqrt(half * half + rest)) / size;
}
