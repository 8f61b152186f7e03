import { listOf } from '../core/check.js';
import { isList } from '../core/plain.js';
import { show } from '../core/words.js';

/** One number for both axes, or `[y, x]`. */
export type Pair = number | readonly [number, number];
/** One number for all sides, `[y, x]`, or `[[top, bottom], [left, right]]`. */
export type Padding = Pair | readonly [readonly [number, number], readonly [number, number]];

export type Two2 = readonly [number, number];
export type Sides = readonly [Two2, Two2];

const isInteger = (v: unknown, least: number): v is number => Number.isSafeInteger(v) && (v as number) >= least;

/**
 * A pair of its own of integers of at least `least`; a RangeError naming function and option
 * otherwise.
 */
export function pairOf(who: string, option: string, value: Pair, least: number): Two2 {
  const fail = (): never => {
    const text = `${who}: expected ${option} to be an integer of at least ${least} or a pair of them, got ${show(value)}`;
    throw typeof value === 'number' || isList(value) ? new RangeError(text) : new TypeError(text);
  };
  if (!isList(value)) return isInteger(value, least) ? [value, value] : fail();
  if ((value.length as number) !== 2) return fail();
  return listOf(who, option, value, (v): number => (isInteger(v, least) ? v : fail())) as unknown as Two2;
}

/** Padding of the four sides, as non-negative integers. */
export function sidesOf(who: string, value: Padding): Sides {
  const fail = (): never => {
    const text = `${who}: expected padding to be non-negative integers: n, [y, x] or [[top, bottom], [left, right]], got ${show(value)}`;
    throw typeof value === 'number' || isList(value) ? new RangeError(text) : new TypeError(text);
  };
  if (!isList(value)) return isInteger(value, 0) ? sidesOf(who, [value, value]) : fail();
  if ((value.length as number) !== 2) return fail();
  const nested = Array.isArray(value[0]) || Array.isArray(value[1]);
  const sides = listOf(who, 'padding', value, (side): Two2 => {
    if (!nested) return isInteger(side, 0) ? [side, side] : fail();
    if (!Array.isArray(side) || side.length !== 2) return fail();
    return listOf(who, 'padding', side, (v): number => (isInteger(v, 0) ? v : fail())) as unknown as Two2;
  });
  return sides as unknown as Sides;
}

/**
 * How many windows of `size` fit on an axis of `length`: floor((length + pads - dilation (size - 1)
 * - 1) / stride) + 1.
 */
export const windowCount = (length: number, size: number, stride: number, [lo, hi]: Two2, dilation = 1): number =>
  Math.floor((length + lo + hi - dilation * (size - 1) - 1) / stride) + 1;
