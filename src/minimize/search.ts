import { isFinitePoint, type Point } from './point.js';

/**
 * Why a search ended. It converged by 'gradient', a small one, or by 'reduction': the model of the
 * residuals promises next to nothing more. Else it came to its last step, found no step that makes
 * f smaller, or fell without an end in sight.
 */
export type Reason = 'gradient' | 'reduction' | 'steps' | 'no descent' | 'unbounded';

/** The next point of a search, and what its method remembers. */
export interface Advance<P, S> {
  readonly point: P;
  readonly state: S;
  /** Where the search ends with this point. */
  readonly reason?: Reason;
}

/** A method: its first state, and a pure step to the next point, or the reason why none is. */
export interface Descent<P extends Point, S> {
  readonly state: S;
  readonly step: (from: P, state: S) => Advance<P, S> | Reason;
}

/** Where a search ended. */
export interface Ended {
  readonly point: Point;
  readonly steps: number;
  readonly reason: Reason;
}

/** How long a search goes on. */
export interface Limits {
  /** What the norm of the gradient may be at most. */
  readonly tolerance: number;
  readonly maxSteps: number;
}

/** Steps of a method until one of them is the last; `each` is told of every new point. */
export function search<P extends Point, S>(
  start: P,
  { state: first, step }: Descent<P, S>,
  { tolerance, maxSteps }: Limits,
  each: (step: number, point: P) => void,
): Ended {
  let [point, state, steps] = [start, first, 0];
  for (;;) {
    const end = (reason: Reason): Ended => ({ point, steps, reason });
    if (point.size <= tolerance) return end('gradient');
    if (!isFinitePoint(point)) return end('no descent');
    if (steps === maxSteps) return end('steps');
    const next = step(point, state);
    if (typeof next === 'string') return end(next);
    // A step that gains nothing but rounding would be followed by others.
    if (!(next.point.value < point.value || next.point.size < point.size)) return end(next.reason ?? 'no descent');
    ({ point, state } = next);
    each(++steps, point);
    if (next.reason) return end(next.reason);
  }
}
