import { METHODS } from '../bi-rpt/methods.js';
import type { Bench } from '../lab/records.js';
import type { Measurement } from './alloy.js';
import { DataError } from './data-error.js';
import type { Layout } from './image.js';
import { BASELINES } from './methods.js';
import { PROTOCOLS } from './protocols.js';
import { TASKS } from './tasks.js';
import { alloys, SIZES } from './testbed.js';

/** Yield strengths of alloys: the main testbed of the paper. */
export const ALLOYS: Bench<Measurement> = {
  name: 'alloys',
  title: 'yield strengths of refractory alloys, with a simulator as source',
  open: ({ data, layout, images }) => {
    if (images) throw new DataError('--images', 'no folder with the testbed alloys', images);
    return alloys(data, layout as Layout);
  },
  tasks: TASKS,
  protocols: PROTOCOLS,
  methods: [...BASELINES, ...METHODS],
  first: ['mean', 'simulation', 'linear', 'no-pretraining', 'transfer', 'bi-rpt'],
  networks: [{ name: 'conv', title: 'three convolutions and two linear layers, as in the paper', stepSeconds: 0.003 }],
  sizes: SIZES,
};
