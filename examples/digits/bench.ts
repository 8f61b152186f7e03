import { biRpt, continued } from '../bi-rpt/bi-rpt.js';
import { noPretraining, transfer } from '../bi-rpt/fine-tune.js';
import { mixTraining } from '../bi-rpt/mix.js';
import { pruned } from '../bi-rpt/pruned.js';
import { handTune } from '../bi-rpt/sparsity.js';
import { variant, type Bench, type Method, type Protocol, type Sizes, type SizeName } from '../lab/records.js';
import { classification } from '../lab/tasks.js';
import { DataError } from '../x-yield/data-error.js';
import { seeded, shuffle } from '../x-yield/random.js';
import { CLASSES, SIDE, sourceDigits, targetDigits, type Digit } from './digit.js';
import { digitNetwork } from './network.js';

const TRUST = 0.15; // layer-wise normalised weight steps
/** Steps on the source go on, at half the rate of the target's first steps; no masks. */
const onward = variant(continued, 'continued', 'Continued source steps', { lowerRate: 0.5 });
/** Mask steps .03 g / rms(g), less a threshold per iteration; eps stays at .1. */
const masks = (name: string, title: string, threshold: number, trust: number): Method =>
  variant(biRpt, name, title, {
    trust,
    lowerRate: 0.5,
    normalise: true,
    maskRate: 0.03,
    gamma: threshold / 0.03,
    epsFloor: 0.1,
  });

const METHODS: readonly Method[] = [
  noPretraining,
  mixTraining,
  transfer,
  handTune,
  variant(biRpt, 'bi-rpt-paper', 'Bi-RPT, steps as in the paper', { lowerRate: 0.5, epsFloor: 0.1 }),
  masks('bi-rpt-normalised', 'Bi-RPT, normalised mask steps', 0.002, 0),
  variant(transfer, 'transfer-lars', 'Pretrain-and-transfer, normalised weight steps', { trust: TRUST }),
  variant(handTune, 'hand-tune-lars', 'Hand-Tune, normalised weight steps', { trust: TRUST }),
  variant(onward, 'continued-lars', 'Continued source steps, normalised weight steps', { trust: TRUST }),
  masks('bi-rpt-lars', 'Bi-RPT, normalised mask and weight steps', 0.004, TRUST),
  variant(pruned, 'pruned-lars', 'Magnitude pruning, continued source steps, normalised weight steps', {
    lowerRate: 0.5,
    trust: TRUST,
  }),
];

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

const shots = (perClass: number): Protocol<Digit> => ({
  name: `shots-${perClass}`,
  title: `${perClass} images of each class to train on, the rest to test on`,
  *splits(data) {
    for (let seed = 0; ; seed++) {
      const random = seeded(seed);
      const train = new Set(
        Array.from({ length: CLASSES }, (_, label) =>
          shuffle(
            data.filter((d) => d.label === label),
            random,
          ).slice(0, perClass),
        ).flat(),
      );
      yield { seed, train: data.filter((d) => train.has(d)), test: data.filter((d) => !train.has(d)) };
    }
  },
});

/** Digits 0 to 4 as source, and a few of 5 to 9 as target. */
const digits = (name: string, title: string, corrupt: boolean): Bench<Digit> => ({
  name,
  title,
  open: ({ data }) => {
    if (data !== null) throw new DataError('--data', `no file with the testbed ${name}`, data);
    return {
      name,
      title,
      caution: null,
      data: targetDigits(),
      source: (count, seed) => sourceDigits(count, seed, corrupt),
      inputs: (items) => Float32Array.from(items.flatMap(({ pixels }) => pixels.map((x) => x / 255))),
      shape: [1, SIDE, SIDE],
      network: digitNetwork,
      groups: ({ label }) => ({ digit: `${5 + label}` }),
    };
  },
  tasks: [classification<Digit>({ name: 'digit', title: 'one of five digits', label: ({ label }) => label }, CLASSES)],
  protocols: [shots(10), shots(5), shots(20)],
  methods: METHODS,
  first: ['no-pretraining', 'transfer', 'bi-rpt-normalised', 'transfer-lars'],
  sizes: SIZES,
});

/** Real digits of the package `mnist`, clean or corrupted in the source. */
export const DIGITS: readonly Bench<Digit>[] = [
  digits('digits', 'MNIST digits: 0 to 4 as source, 5 to 9 as target', false),
  digits('digits-corrupted', 'MNIST digits: corrupted 0 to 4 with noisy labels as source, 5 to 9 as target', true),
];
