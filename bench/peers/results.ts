import { median } from 'simple-statistics';
import type { Variant } from './libraries.js';
import type { Repeated } from './protocol.js';

/** What one library did with one case. */
export interface Result {
  readonly case: string;
  readonly variant: string;
  readonly library: string;
  readonly runtime?: string;
  /** Samples in ms, round by round. */
  readonly rounds: readonly (readonly number[])[];
  /** Largest difference from bigrad's result, see compare.ts. */
  readonly difference?: number;
  /** What it said, or what was wrong, where it has no time. */
  readonly failure?: string;
  /** Of the loop: steps, time and memory of each round. */
  readonly repeats?: readonly Repeated[];
}

export const resultOf = (variant: Variant, name: string, found: Pick<Result, 'rounds'> & Partial<Result>): Result => ({
  case: name,
  variant: variant.name,
  library: variant.library,
  ...(variant.runtime !== undefined && { runtime: variant.runtime }),
  ...found,
});

/** The median of all samples in ms; undefined where there are none. */
export function typical({ rounds }: Result): number | undefined {
  const samples = rounds.flat();
  return samples.length > 0 ? median(samples) : undefined;
}

/** A ratio of two times, and the least and the largest of any round. */
export interface Ratio {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** The time of `a` over the time of `b`: the median of the rounds that both had. */
export function ratioOf(a: Result | undefined, b: Result | undefined): Ratio | undefined {
  if (!a?.rounds.length || !b?.rounds.length) return undefined;
  const each = a.rounds.slice(0, b.rounds.length).map((samples, i) => median([...samples]) / median([...b.rounds[i]!]));
  return { value: median(each), low: Math.min(...each), high: Math.max(...each) };
}
