import { isFinitePoint, noiseAt, type Point } from './point.js';

/** A point along a direction p from x. */
export interface Trial {
  /** a of x + a p. */
  readonly length: number;
  readonly point: Point;
  /** The derivative in a. */
  readonly slope: number;
}

/** The numbers of the strong Wolfe conditions: how much of a decrease, and how flat. */
const [DECREASE, CURVATURE] = [1e-4, 0.9];
/** Each longer step is so many times the one before, and no more than so many are tried. */
const [GROWTH, MOST_LONGER, MOST_BETWEEN] = [4, 30, 40];

/**
 * A step that satisfies the strong Wolfe conditions: f(x + a p) <= f(x) + 1e-4 a p'g, and |slope at
 * a| <= 0.9 |slope at 0|. Where the values differ by rounding only, slope at a <= (2e-4 - 1) slope
 * at 0 stands for the first condition (Hager and Zhang 2005). At a kink no step may satisfy the
 * second; then the lowest step that satisfies the first is taken. Or the reason why there is none.
 * Source: Nocedal and Wright, Numerical Optimization, 2006, algorithms 3.5 and 3.6.
 * @param start length 0, with a negative slope
 * @param at the trial at a length
 * @param first the length to begin with
 */
export function strongWolfe(
  start: Trial,
  at: (length: number) => Trial,
  first: number,
): Trial | 'no descent' | 'unbounded' {
  const conditions = conditionsOf(start);
  let before = start;
  for (let k = 0, length = first; k < MOST_LONGER; k++, length *= GROWTH) {
    const trial = at(length);
    if (trial.point.value === -Infinity) return 'unbounded';
    if (conditions.hold(trial)) return trial;
    if (!conditions.decreases(trial) || conditions.higher(trial, before)) return between(before, trial, at, conditions);
    if (trial.slope >= 0) return between(trial, before, at, conditions);
    before = trial;
  }
  return 'unbounded';
}

interface Conditions {
  /** Whether one value is above another, by more than rounding. */
  readonly higher: (trial: Trial, than: Trial) => boolean;
  readonly decreases: (trial: Trial) => boolean;
  readonly hold: (trial: Trial) => boolean;
}

function conditionsOf({ point, slope }: Trial): Conditions {
  const noise = noiseAt(point);
  const decreases = (trial: Trial): boolean => {
    if (!isFinitePoint(trial.point)) return false;
    const change = trial.point.value - point.value;
    return (
      change <= DECREASE * trial.length * slope ||
      (Math.abs(change) <= noise && trial.slope <= (2 * DECREASE - 1) * slope)
    );
  };
  const hold = (trial: Trial): boolean => decreases(trial) && Math.abs(trial.slope) <= -CURVATURE * slope;
  const higher = (trial: Trial, than: Trial): boolean => trial.point.value > than.point.value + noise;
  return { higher, decreases, hold };
}

/** Algorithm 3.6: `lo` decreases f, and acceptable lengths lie between it and `hi`. */
function between(
  lo: Trial,
  hi: Trial,
  at: (length: number) => Trial,
  { higher, decreases, hold }: Conditions,
): Trial | 'no descent' {
  for (let k = 0; k < MOST_BETWEEN; k++) {
    const length = minimumBetween(lo, hi);
    if (length === lo.length || length === hi.length) break;
    const trial = at(length);
    if (hold(trial)) return trial;
    if (!decreases(trial) || higher(trial, lo)) hi = trial;
    else {
      if (trial.slope * (hi.length - lo.length) >= 0) hi = lo;
      lo = trial;
    }
  }
  return lo.length > 0 ? lo : 'no descent';
}

/** The minimum of the cubic through two values and slopes (equation 3.59), or else the middle. */
function minimumBetween(lo: Trial, hi: Trial): number {
  const width = hi.length - lo.length;
  const d1 = lo.slope + hi.slope - (3 * (hi.point.value - lo.point.value)) / width;
  const d2 = Math.sign(width) * Math.sqrt(d1 * d1 - lo.slope * hi.slope);
  const part = 1 - (hi.slope + d2 - d1) / (hi.slope - lo.slope + 2 * d2);
  return lo.length + width * (part >= 0.1 && part <= 0.9 ? part : 0.5);
}
