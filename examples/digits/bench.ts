import type { Bench, Sizes, SizeName } from '../lab/records.js';
import { classification } from '../lab/tasks.js';
import { DataError } from '../x-yield/data-error.js';
import { CLASSES, SIDE, sourceDigits, targetDigits, type Digit } from './digit.js';
import { METHODS } from './methods.js';
import { NETWORKS, networkNamed } from './network.js';
import { shots } from './shots.js';

const SIZES: Readonly<Record<SizeName, Sizes>> = {
  quick: {
    points: 640,
    pretrain: { epochs: 1, batch: 64, rate: 3e-3 },
    fineTune: { epochs: 5, batch: 25, rate: 0.5, schedule: 'cosine' },
    sourceBatch: 25,
    splits: 2,
  },
  default: {
    points: 5000,
    pretrain: { epochs: 4, batch: 64, rate: 3e-3 },
    fineTune: { epochs: 100, batch: 25, rate: 0.5, schedule: 'cosine' },
    sourceBatch: 25,
    splits: 5,
  },
  full: {
    points: 5000,
    pretrain: { epochs: 4, batch: 64, rate: 3e-3 },
    fineTune: { epochs: 100, batch: 25, rate: 0.5, schedule: 'cosine' },
    sourceBatch: 25,
    splits: 20,
  },
};

/** Digits 0 to 4 as source, and a few of 5 to 9 as target. */
const digits = (name: string, title: string, corrupt: boolean): Bench<Digit> => ({
  name,
  title,
  open: ({ data, images, network = NETWORKS[0]!.name }) => {
    if (data !== null) throw new DataError('--data', `no file with the testbed ${name}`, data);
    if (images) throw new DataError('--images', `no folder with the testbed ${name}`, images);
    return {
      name: network === NETWORKS[0]!.name ? name : `${name}-${network}`,
      title,
      caution: null,
      data: targetDigits(),
      source: (count, seed) => sourceDigits(count, seed, corrupt),
      inputs: (items) => Float32Array.from(items.flatMap(({ pixels }) => pixels.map((x) => x / 255))),
      shape: [1, SIDE, SIDE],
      network: networkNamed(network, [1, SIDE, SIDE]),
      groups: ({ label }) => ({ digit: `${5 + label}` }),
    };
  },
  tasks: [classification<Digit>({ name: 'digit', title: 'one of five digits', label: ({ label }) => label }, CLASSES)],
  protocols: [shots(10), shots(5), shots(20)],
  methods: METHODS,
  first: ['no-pretraining', 'transfer', 'bi-rpt-normalised', 'transfer-lars'],
  networks: NETWORKS,
  sizes: SIZES,
});

/** Real digits of the package `mnist`, clean or corrupted in the source. */
export const DIGITS: readonly Bench<Digit>[] = [
  digits('digits', 'MNIST digits: 0 to 4 as source, 5 to 9 as target', false),
  digits('digits-corrupted', 'MNIST digits: corrupted 0 to 4 with noisy labels as source, 5 to 9 as target', true),
];
