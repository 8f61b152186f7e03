import { classification, regression } from '../lab/tasks.js';
import type { Prediction, Task } from '../lab/records.js';
import type { Measurement } from './alloy.js';
import { CLASS_COUNT, strengthClass } from './metrics.js';

/** A task on alloys: it can also use a predicted strength. */
export interface AlloyTask extends Task<Measurement> {
  /** The prediction that a strength in GPa stands for. */
  ofStrength(strength: number): Prediction;
}

/** The tasks on alloys, the first by default. */
export const TASKS: readonly AlloyTask[] = [
  {
    ...regression<Measurement>(
      { name: 'strength', title: 'yield strength in GPa', label: ({ strength }) => strength },
      'GPa',
    ),
    ofStrength: (strength) => [strength],
  },
  {
    ...classification<Measurement>(
      {
        name: 'class',
        title: 'one of five bins of yield strength, 0.5 GPa wide',
        label: ({ strength }) => strengthClass(strength),
      },
      CLASS_COUNT,
    ),
    ofStrength: (strength) => Array.from({ length: CLASS_COUNT }, (_, k) => (k === strengthClass(strength) ? 1 : 0)),
  },
];
