import { meanAndInterval } from '../x-yield/metrics.js';

/** Below this many splits an interval says nothing, and none is shown. */
export const LEAST_SPLITS = 3;

/** A mean, and the half width of its 95 % interval: NaN from fewer than three values. */
export interface Estimate {
  readonly mean: number;
  readonly halfWidth: number;
  readonly count: number;
}

/** The mean of some values with its 95 % interval; of no values NaN. */
export function estimate(values: readonly number[]): Estimate {
  if (values.length === 0) return { mean: NaN, halfWidth: NaN, count: 0 };
  const { mean, halfWidth } = meanAndInterval(values);
  return { mean, halfWidth: values.length < LEAST_SPLITS ? NaN : halfWidth, count: values.length };
}

/** An estimate as text: `0.062 ± 0.014`, without the interval where there is none. */
export function show({ mean, halfWidth }: Estimate, digits = 3): string {
  if (Number.isNaN(mean)) return '-';
  return `${mean.toFixed(digits)}${Number.isNaN(halfWidth) ? '' : ` ± ${halfWidth.toFixed(digits)}`}`;
}

/** The differences a - b over the splits that both have; their mean shows which is larger. */
export function paired(a: ReadonlyMap<number, number>, b: ReadonlyMap<number, number>): Estimate {
  return estimate([...a].flatMap(([split, value]) => (b.has(split) ? [value - b.get(split)!] : [])));
}

/** What the interval of a difference says: whether it contains 0, or that there is none. */
export function verdict({ mean, halfWidth }: Estimate): 'larger' | 'smaller' | 'open' | 'unknown' {
  if (Number.isNaN(halfWidth)) return 'unknown';
  if (Math.abs(mean) <= halfWidth) return 'open';
  return mean > 0 ? 'larger' : 'smaller';
}
