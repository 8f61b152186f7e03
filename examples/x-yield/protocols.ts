import type { Protocol, Split } from '../lab/records.js';
import { formulaOf, type Measurement } from './alloy.js';
import { DataError } from './data-error.js';
import { fewShotSplit, foldSplit, groupedFolds } from './splits.js';

const fewShot = (name: string, fraction: number): Protocol<Measurement> => ({
  name,
  title: `${100 * fraction} % of each alloy type to train on, the rest to test on`,
  *splits(data) {
    for (let seed = 0; ; seed++) yield { seed, ...fewShotSplit(data, fraction, seed) };
  },
});

const GROUP_SEED = 0;
/**
 * The alloys of table 4. The paper prints HfMoNbTaTiZr for the last one, with the measurements of
 * MoNbTaTiVW.
 */
export const THREE_ALLOYS: readonly string[] = ['MoNbTaTi', 'MoNbTaTiW', 'MoNbTaTiVW'];

/** The ways to split measurements, the first by default. */
export const PROTOCOLS: readonly Protocol<Measurement>[] = [
  fewShot('few-shot-10', 0.1),
  fewShot('few-shot-5', 0.05),
  {
    name: 'folds',
    title: "the data's own folds, each tested once",
    *splits(data): Iterable<Split<Measurement>> {
      if (data.some((m) => m.fold === undefined))
        throw new DataError('protocol folds', 'measurements with a fold', 'some without one');
      const folds = [...new Set(data.map((m) => m.fold))].sort((a = -1, b = -1) => a - b);
      for (const [seed, fold] of folds.entries()) yield { seed, ...foldSplit(data, fold ?? -1) };
    },
  },
  {
    name: 'grouped-folds',
    title: '10 folds; all temperatures of a composition are in one fold',
    *splits(data) {
      for (const [seed, split] of groupedFolds(data, 10, GROUP_SEED).entries()) yield { seed, ...split };
    },
  },
  {
    name: 'three-alloys',
    title: `${THREE_ALLOYS.join(', ')} to test on, at all temperatures, and the rest to train on`,
    *splits(data) {
      const held = (m: Measurement): boolean => THREE_ALLOYS.includes(formulaOf(m));
      const [train, test] = [data.filter((m) => !held(m)), data.filter(held)];
      if (new Set(test.map(formulaOf)).size < THREE_ALLOYS.length)
        throw new DataError('protocol three-alloys', `measurements of ${THREE_ALLOYS.join(', ')}`, 'data without one');
      for (let seed = 0; ; seed++) yield { seed, train, test };
    },
  },
];
