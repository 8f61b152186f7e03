import jStat from 'jstat';
import { mean, sampleStandardDeviation } from 'simple-statistics';

/**
 * The mean squared error `sum (p_i - a_i)^2 / n`, in GPa^2 for strengths in GPa.
 *
 * Throws a `RangeError` unless both lists have the same, positive length.
 */
export function meanSquaredError(predicted: ArrayLike<number>, actual: ArrayLike<number>): number {
  return meanOver(predicted, actual, (p, a) => (p - a) ** 2);
}

/**
 * The share of equal entries of two lists of classes, 0 to 1; throws as `meanSquaredError` does.
 */
export function accuracy(predicted: ArrayLike<number>, actual: ArrayLike<number>): number {
  return meanOver(predicted, actual, (p, a) => (p === a ? 1 : 0));
}

/** The number of classes `strengthClass` tells apart. */
export const CLASS_COUNT = 5;

/**
 * The class of a strength in GPa: 0 below 0.5, 1 below 1, 2 below 1.5, 3 below 2, else 4; NaN has
 * class NaN.
 */
export function strengthClass(strength: number): number {
  return Math.min(Math.max(Math.floor(strength / 0.5), 0), CLASS_COUNT - 1);
}

/**
 * The mean of repeated results and the half width `t(0.975, n - 1) s / sqrt(n)` of its 95 %
 * confidence interval (Student).
 *
 * One value has no interval: its half width is NaN. Throws a `RangeError` for no values.
 */
export function meanAndInterval(values: readonly number[]): { mean: number; halfWidth: number } {
  const n = values.length;
  if (n === 0) throw new RangeError('expected at least one value, found none');
  if (n === 1) return { mean: values[0]!, halfWidth: NaN };
  const deviation = sampleStandardDeviation([...values]);
  return { mean: mean([...values]), halfWidth: (jStat.studentt.inv(0.975, n - 1) * deviation) / Math.sqrt(n) };
}

function meanOver(
  predicted: ArrayLike<number>,
  actual: ArrayLike<number>,
  term: (predicted: number, actual: number) => number,
): number {
  const n = actual.length;
  if (n === 0 || predicted.length !== n) {
    throw new RangeError(`expected as many predictions as values and at least one, found ${predicted.length} and ${n}`);
  }
  let sum = 0;
  for (let i = 0; i < n; i++) sum += term(predicted[i]!, actual[i]!);
  return sum / n;
}
