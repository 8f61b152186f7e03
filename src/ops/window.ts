import { listOf } from '../core/check.js';
import { isList } from '../core/plain.js';
import { show } from '../core/words.js';

/** One number for both axes, or `[y, x]`. */
export type Pair = number | readonly [number, number];
/** One number for all sides, `[y, x]`, or `[[top, bottom], [left, right]]`. */
export type Padding = Pair | readonly [readonly [number, number], readonly [number, number]];

/** One number for all axes, or one for each. */
export type Lengths = number | readonly number[];
/** One number for all sides, one for each axis, or [before, after] for each. */
export type Pads = number | readonly (number | readonly [number, number])[];

export type Two2 = readonly [number, number];
export type Sides = readonly [Two2, Two2];

const isInteger = (v: unknown, least: number): v is number => Number.isSafeInteger(v) && (v as number) >= least;

/** A number for each of `axes` axes, integers of at least `least`, as a list of its own. */
export function lengthsOf(who: string, option: string, value: Lengths, least: number, axes: number): readonly number[] {
  const fail = (): never => {
    const several = axes === 2 ? 'a pair of them' : `a list of ${axes}`;
    const text = `${who}: expected ${option} to be an integer of at least ${least} or ${several}, got ${show(value)}`;
    throw typeof value === 'number' || isList(value) ? new RangeError(text) : new TypeError(text);
  };
  if (!isList(value)) return isInteger(value, least) ? new Array<number>(axes).fill(value) : fail();
  if (value.length !== axes) return fail();
  return listOf(who, option, value, (v): number => (isInteger(v, least) ? v : fail()));
}

/**
 * A pair of its own of integers of at least `least`; a RangeError naming function and option
 * otherwise.
 */
export const pairOf = (who: string, option: string, value: Pair, least: number): Two2 =>
  lengthsOf(who, option, value, least, 2) as unknown as Two2;

/** Padding of the two sides of each of `axes` axes, as non-negative integers. */
export function padsOf(who: string, value: Pads, axes: number): readonly Two2[] {
  const fail = (): never => {
    const ways = axes === 2 ? 'n, [y, x] or [[top, bottom], [left, right]]' : `n, or a list of ${axes}: n or [lo, hi]`;
    const text = `${who}: expected padding to be non-negative integers: ${ways}, got ${show(value)}`;
    throw typeof value === 'number' || isList(value) ? new RangeError(text) : new TypeError(text);
  };
  if (!isList(value)) return isInteger(value, 0) ? padsOf(who, new Array<number>(axes).fill(value), axes) : fail();
  if (value.length !== axes) return fail();
  const nested = value.some((side) => Array.isArray(side));
  return listOf(who, 'padding', value, (side): Two2 => {
    if (!nested) return isInteger(side, 0) ? [side, side] : fail();
    if (!Array.isArray(side) || side.length !== 2) return fail();
    return listOf(who, 'padding', side, (v): number => (isInteger(v, 0) ? v : fail())) as unknown as Two2;
  });
}

/** Padding of the four sides, as non-negative integers. */
export const sidesOf = (who: string, value: Padding): Sides => padsOf(who, value, 2) as unknown as Sides;

/**
 * How many windows of `size` fit on an axis of `length`: floor((length + pads - dilation (size - 1)
 * - 1) / stride) + 1.
 */
export const windowCount = (length: number, size: number, stride: number, [lo, hi]: Two2, dilation = 1): number =>
  Math.floor((length + lo + hi - dilation * (size - 1) - 1) / stride) + 1;
