import type { Case } from './case.js';
import { draw } from './draw.js';
import { batchesOf, startTraining } from './loop.js';
import type { Mode } from './mode.js';
import { batch, gradientProducts } from './network.js';
import {
  startBiRpt,
  startEnsemble,
  startEnsembleLoop,
  startGradient,
  startMixed,
  startStep,
  type How,
} from './steps.js';
import type { Work } from './work.js';

/** A case eager, and the same by `compile`. */
const both = (name: string, prepare: (mode: Mode) => () => unknown, work?: Work): Case[] =>
  (['eager', 'compiled'] as const).map((mode) => ({
    name: mode === 'compiled' ? `${name}, compiled` : name,
    prepare: () => prepare(mode),
    ...(work && { work }),
  }));

// Flops: of the matrix products and convolutions.
const products = (n: number): Work => ({ products: gradientProducts(n) });
const stepName = (n: number): string => `training step, masked CNN, batch ${n}`;
const steps = [4, 16, 64, 256].flatMap((n) => both(stepName(n), (mode) => startStep(mode, batch(n)), products(n)));

const STEP = stepName(16);
const GRADIENT = 'gated net, gradient, batch 16';
const MIXED = 'gated net, mixed product, batch 16';
const BI_RPT = 'Bi-RPT, upper iteration, paper mode, p = 1';

const BATCH = 16;
const ROWS = 4096;

/**
 * Pre-training as the example does it, without masks, from one step's state to the next: the
 * paper's takes 62,500 of them.
 */
const loop: Case = {
  name: `pre-training, one step of the loop, batch ${BATCH}, compiled, donated`,
  work: products(BATCH),
  prepare: () => {
    const rows = {
      images: draw([ROWS, 2, 9, 18]).readSync() as Float32Array,
      strengths: draw([ROWS], 1).readSync() as Float32Array,
      order: Int32Array.from({ length: ROWS }, (_, i) => i),
    };
    return startTraining(batchesOf(rows, BATCH), [], 'compiled');
  },
};

const ENSEMBLES = [4, 16];
const ensembleKinds = [
  {
    what: 'ten networks',
    name: (n: number, how: How) => `ten networks, one step of each ${how}, batch ${n}, compiled`,
    start: startEnsemble,
  },
  {
    what: 'ten networks in training',
    name: (n: number, how: How) => `ten networks, one step of the loop ${how}, batch ${n}, compiled, donated`,
    start: startEnsembleLoop,
  },
] as const;
const ensembles = ensembleKinds.flatMap(({ name, start: begin }) =>
  ENSEMBLES.flatMap((n) =>
    (['at once', 'in turn'] as const).map((how): Case => ({ name: name(n, how), prepare: () => begin(how, 10, n) })),
  ),
);

export const cases: readonly Case[] = [
  ...steps,
  ...both(GRADIENT, (mode) => startGradient(mode), products(16)),
  ...both(MIXED, (mode) => startMixed(mode)),
  ...both(BI_RPT, (mode) => startBiRpt(mode)),
  ...ensembles,
  loop,
];

/** Ratios of times worth reading: [what, numerator, denominator]. */
export const ratios: readonly (readonly [what: string, numerator: string, denominator: string])[] = [
  ['mixed product / gradient', MIXED, GRADIENT],
  ['mixed product / gradient, compiled', `${MIXED}, compiled`, `${GRADIENT}, compiled`],
  ['training step at batch 16, eager / compiled', STEP, `${STEP}, compiled`],
  ['Bi-RPT upper iteration / training step at batch 16', BI_RPT, STEP],
  ['Bi-RPT upper iteration / training step at batch 16, compiled', `${BI_RPT}, compiled`, `${STEP}, compiled`],
  ...ensembleKinds.flatMap(({ what, name }) =>
    ENSEMBLES.map((n) => [`${what} at batch ${n}, at once / in turn`, name(n, 'at once'), name(n, 'in turn')] as const),
  ),
];
