import type { Protocol } from '../lab/records.js';
import { DataError } from '../x-yield/data-error.js';
import { seeded, shuffle } from '../x-yield/random.js';

/** What has a class. */
interface Labelled {
  readonly label: number;
}

/**
 * A few items of each class to train on, drawn anew for each split, and the rest to test on. Throws
 * a `DataError` where a class has no rest.
 */
export const shots = <I extends Labelled>(perClass: number): Protocol<I> => ({
  name: `shots-${perClass}`,
  title: `${perClass} images of each class to train on, the rest to test on`,
  *splits(data) {
    const labels = [...new Set(data.map((d) => d.label))].sort((a, b) => a - b);
    const classes = labels.map((label) => data.filter((d) => d.label === label));
    const least = Math.min(...classes.map((own) => own.length));
    if (least <= perClass)
      throw new DataError(
        `protocol shots-${perClass}`,
        `more than ${perClass} target images of each class`,
        `a class with ${least}`,
      );
    for (let seed = 0; ; seed++) {
      const random = seeded(seed);
      const train = new Set(classes.flatMap((own) => shuffle(own, random).slice(0, perClass)));
      yield { seed, train: data.filter((d) => train.has(d)), test: data.filter((d) => !train.has(d)) };
    }
  },
});
