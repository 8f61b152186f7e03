import { type Alloy, elementCount } from './alloy.js';
import { binomial, subsetAt, subsetRank } from './combinations.js';
import { ELEMENTS } from './elements.js';

/**
 * All alloys of k elements whose fractions are positive multiples of 1 / units: `C(11, k) C(units -
 * 1, k - 1)`.
 */
export interface Block {
  readonly k: number;
  readonly units: number;
  /** The number of ways to cut a row of units into k parts. */
  readonly cuts: number;
  /** The number of compositions. */
  readonly size: number;
}

function block(k: number, units: number): Block {
  const cuts = binomial(units - 1, k - 1);
  return { k, units, cuts, size: binomial(ELEMENTS.length, k) * cuts };
}

/**
 * The blocks of the grid, in rank order: 1 % steps for 3 and 4 elements, 5 % steps for 5, 6 and 7.
 */
export const BLOCKS: readonly Block[] = [block(3, 100), block(4, 100), block(5, 20), block(6, 20), block(7, 20)];

/** The temperatures of the grid in K: 300, 400, ..., 2500. */
export const TEMPERATURES: readonly number[] = Array.from({ length: 23 }, (_, i) => 300 + 100 * i);

/** The number of compositions of the grid: 68,676,993. */
export const COMPOSITION_COUNT = BLOCKS.reduce((sum, { size }) => sum + size, 0);

/** The number of points of the grid, compositions times temperatures: 1,579,570,839. */
export const POINT_COUNT = COMPOSITION_COUNT * TEMPERATURES.length;

/**
 * The grid point at a rank from 0 to `POINT_COUNT - 1`, without enumerating: rank -> composition
 * and temperature -> block -> k elements of 11 -> k - 1 cut points of a row of units.
 *
 * Throws a `RangeError` for any other rank.
 */
export function pointAt(rank: number): Alloy {
  if (!Number.isInteger(rank) || rank < 0 || rank >= POINT_COUNT) {
    throw new RangeError(`expected a rank in 0..${POINT_COUNT - 1}, found ${rank}`);
  }
  let rest = Math.floor(rank / TEMPERATURES.length);
  let index = 0;
  while (rest >= BLOCKS[index]!.size) rest -= BLOCKS[index++]!.size;
  const { k, units, cuts } = BLOCKS[index]!;
  const elements = subsetAt(Math.floor(rest / cuts), k);
  const cutPoints = subsetAt(rest % cuts, k - 1);
  const fractions = new Array<number>(ELEMENTS.length).fill(0);
  elements.forEach((element, i) => {
    const start = i === 0 ? 0 : cutPoints[i - 1]! + 1;
    const end = i === k - 1 ? units : cutPoints[i]! + 1;
    fractions[element] = (end - start) / units;
  });
  return { fractions, temperature: TEMPERATURES[rank % TEMPERATURES.length]! };
}

/**
 * The rank of a grid point: the inverse of `pointAt`; throws a `RangeError` for an alloy that is
 * not on the grid.
 */
export function rankOf(point: Alloy): number {
  const index = BLOCKS.findIndex(({ k }) => k === elementCount(point));
  const temperature = TEMPERATURES.indexOf(point.temperature);
  if (index < 0 || temperature < 0) throw new RangeError('expected 3 to 7 elements at 300, 400, ..., 2500 K');
  const { units, cuts } = BLOCKS[index]!;
  const elements: number[] = [];
  const cutPoints: number[] = [];
  let end = 0;
  point.fractions.forEach((fraction, element) => {
    if (fraction <= 0) return;
    const length = Math.round(fraction * units);
    if (length < 1 || Math.abs(fraction * units - length) > 1e-6) {
      throw new RangeError(`expected fractions in steps of 1/${units}, found ${fraction}`);
    }
    elements.push(element);
    end += length;
    cutPoints.push(end - 1);
  });
  if (end !== units) throw new RangeError(`expected fractions that sum to 1, found ${end / units}`);
  const before = BLOCKS.slice(0, index).reduce((sum, { size }) => sum + size, 0);
  const composition = before + subsetRank(elements) * cuts + subsetRank(cutPoints.slice(0, -1));
  return composition * TEMPERATURES.length + temperature;
}

/**
 * n distinct ranks, uniform over the grid and in random order, out of a source of uniform numbers
 * in [0, 1).
 *
 * Throws a `RangeError` unless n is an integer from 0 to 10,000,000.
 */
export function sampleRanks(n: number, random: () => number): Float64Array {
  if (!Number.isInteger(n) || n < 0 || n > 1e7) throw new RangeError(`expected 0 to 10000000 points, found ${n}`);
  // Repeats are thrown away: fewer than n / 150 of the draws, since n is far below POINT_COUNT.
  const ranks = new Set<number>();
  while (ranks.size < n) ranks.add(Math.floor(random() * POINT_COUNT));
  return Float64Array.from(ranks);
}

/** n distinct grid points, uniform over the grid: `sampleRanks` through `pointAt`. */
export function sampleGrid(n: number, random: () => number): Alloy[] {
  return Array.from(sampleRanks(n, random), pointAt);
}
