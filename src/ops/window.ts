/** One number for both axes, or `[y, x]`. */
export type Pair = number | readonly [number, number];
/** One number for all sides, `[y, x]`, or `[[top, bottom], [left, right]]`. */
export type Padding = Pair | readonly [readonly [number, number], readonly [number, number]];

export type Two2 = readonly [number, number];
export type Sides = readonly [Two2, Two2];

/** A pair of its own of integers of at least `least`; a RangeError naming function and option otherwise. */
export function pairOf(who: string, option: string, value: Pair, least: number): Two2 {
  const pair: Two2 = typeof value === 'number' ? [value, value] : value;
  if (!Array.isArray(pair) || pair.length !== 2 || !pair.every((v) => Number.isInteger(v) && v >= least))
    throw new RangeError(
      `${who}: expected ${option} to be an integer of at least ${least} or a pair of them, got ${JSON.stringify(value)}`,
    );
  return [pair[0], pair[1]];
}

/** Padding of the four sides, as non-negative integers. */
export function sidesOf(who: string, value: Padding): Sides {
  const nested = Array.isArray(value) && value.some(Array.isArray);
  const sides = nested ? (value as Sides) : pairOf(who, 'padding', value as Pair, 0).map((p): Two2 => [p, p]);
  if (
    sides.length !== 2 ||
    !sides.every((s) => Array.isArray(s) && s.length === 2 && s.every((v: number) => Number.isInteger(v) && v >= 0))
  )
    throw new RangeError(
      `${who}: expected padding to be non-negative integers: n, [y, x] or [[top, bottom], [left, right]], got ${JSON.stringify(value)}`,
    );
  return sides.map(([lo, hi]): Two2 => [lo, hi]) as unknown as Sides;
}

/** How many windows of `size` fit on an axis of `length`: floor((length + pads - dilation (size - 1) - 1) / stride) + 1. */
export const windowCount = (length: number, size: number, stride: number, [lo, hi]: Two2, dilation = 1): number =>
  Math.floor((length + lo + hi - dilation * (size - 1) - 1) / stride) + 1;
