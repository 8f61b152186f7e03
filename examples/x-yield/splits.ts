import { type Alloy, compositionKey, elementCount, type Measurement } from './alloy.js';
import { seeded, shuffle } from './random.js';

/** Measurements to learn from and the others to test on, each in the order of the data. */
export interface Split<M extends Alloy = Measurement> {
  readonly train: M[];
  readonly test: M[];
}

/**
 * How many of each group to train on: the largest whole number below `fraction` times the total, at
 * least one, shared out by Sainte-Lague (each next seat to the group with the largest `size / (2
 * seats + 1)`; ties to the first).
 *
 * On the 17 ternaries, 78 quaternaries, 118 quinaries and 27 senaries of the X-Yield benchmark this
 * is the paper's 2/7/11/3 for 10 % and 1/4/5/1 for 5 %. Throws a `RangeError` for a fraction
 * outside (0, 1) or fewer than two items.
 */
export function apportion(sizes: readonly number[], fraction: number): number[] {
  if (!(fraction > 0 && fraction < 1)) throw new RangeError(`expected a fraction between 0 and 1, found ${fraction}`);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total < 2) throw new RangeError(`expected at least two measurements to split, found ${total}`);
  const seats = sizes.map(() => 0);
  const share = Math.max(1, Math.ceil(fraction * total - 1e-9) - 1);
  for (let seat = 0; seat < share; seat++) {
    const claims = sizes.map((size, i) => size / (2 * seats[i]! + 1));
    seats[claims.indexOf(Math.max(...claims))]!++;
  }
  return seats;
}

/**
 * A random split that trains on a fraction of each alloy type, in the numbers `apportion` gives to
 * the types in order of their number of elements; the same for the same seed.
 */
export function fewShotSplit<M extends Alloy>(measurements: readonly M[], fraction: number, seed: number): Split<M> {
  const types = [...groupBy(measurements, elementCount)].sort(([a], [b]) => a - b).map(([, type]) => type);
  const counts = apportion(
    types.map((type) => type.length),
    fraction,
  );
  const random = seeded(seed);
  const train = new Set(types.flatMap((type, i) => shuffle(type, random).slice(0, counts[i])));
  return splitBy(measurements, (_, index) => !train.has(index));
}

/**
 * The split that tests on one fold of the data's own; throws a `RangeError` when it would leave
 * either side empty.
 */
export function foldSplit<M extends Measurement>(measurements: readonly M[], fold: number): Split<M> {
  const without = measurements.findIndex((measurement) => measurement.fold === undefined);
  if (without >= 0) throw new RangeError(`expected a fold in every measurement, found none in number ${without + 1}`);
  const split = splitBy(measurements, (measurement) => measurement.fold === fold);
  if (split.train.length === 0 || split.test.length === 0) {
    throw new RangeError(`expected fold ${fold} to be some of the measurements, found ${split.test.length}`);
  }
  return split;
}

/**
 * k splits whose test sides partition the data and keep all temperatures of an alloy together:
 * alloys in random order, the often measured first, each to the fold with the fewest measurements
 * so far; the same for the same seed.
 *
 * Throws a `RangeError` unless k is an integer from 2 to the number of distinct compositions.
 */
export function groupedFolds<M extends Alloy>(measurements: readonly M[], k: number, seed: number): Split<M>[] {
  const alloys = shuffle([...groupBy(measurements, compositionKey).values()], seeded(seed));
  if (!Number.isInteger(k) || k < 2 || k > alloys.length) {
    throw new RangeError(`expected 2 to ${alloys.length} folds, the number of compositions, found ${k}`);
  }
  alloys.sort((a, b) => b.length - a.length); // stable: equal sizes stay shuffled
  const folds = Array.from({ length: k }, () => new Set<number>());
  for (const alloy of alloys) {
    const smallest = folds.reduce((best, fold) => (fold.size < best.size ? fold : best));
    alloy.forEach((index) => smallest.add(index));
  }
  return folds.map((fold) => splitBy(measurements, (_, index) => fold.has(index)));
}

/** The indices of the items, grouped by a key in order of first appearance. */
function groupBy<T, K>(items: readonly T[], key: (item: T) => K): Map<K, number[]> {
  const groups = new Map<K, number[]>();
  items.forEach((item, index) => {
    const group = groups.get(key(item));
    if (group) group.push(index);
    else groups.set(key(item), [index]);
  });
  return groups;
}

function splitBy<M extends Alloy>(items: readonly M[], isTest: (item: M, index: number) => boolean): Split<M> {
  return { train: items.filter((item, i) => !isTest(item, i)), test: items.filter(isTest) };
}
