import { gradientProducts } from '../network.js';
import { convProducts, type Work } from '../work.js';

export type Direction = 'forward' | 'input' | 'weight';

/**
 * The convolutions of the X-Yield network: images [n,c,h,w] into o channels, by 3x3 filters with
 * padding 1.
 */
export const layers = [
  { c: 2, h: 9, w: 18, o: 16 },
  { c: 16, h: 5, w: 10, o: 32 },
  { c: 32, h: 3, w: 6, o: 64 },
] as const;
export const BATCH = 16;

/** What is asked of every library. */
export type Job =
  | { readonly kind: 'matmul'; readonly size: number }
  | { readonly kind: 'conv'; readonly direction: Direction; readonly layer: number }
  | { readonly kind: 'step'; readonly batch: number }
  | { readonly kind: 'gradient' | 'mixed' | 'bi-rpt' | 'add' | 'loop' };

/** A job with what is known of it before it runs. */
export interface PeerCase {
  readonly name: string;
  readonly job: Job;
  readonly work?: Work;
  /** Runs, one after another, whose results are compared with bigrad's. */
  readonly checks: number;
  /** The largest difference from bigrad's result, in units of that result's largest element. */
  readonly tolerance: number;
  /** True where only bigrad is asked. */
  readonly own?: boolean;
}

const titles = { forward: 'forward', input: 'input gradient', weight: 'weight gradient' } as const;

const matmuls = [128, 256, 512].map((size): PeerCase => ({
  name: `matmul ${size}^3`,
  job: { kind: 'matmul', size },
  work: { products: [[size, size, size]] },
  checks: 1,
  tolerance: 1e-4,
}));

const convolutions = layers.flatMap(({ c, h, w, o }, layer) =>
  (['forward', 'input', 'weight'] as const).map((direction): PeerCase => ({
    name: `conv ${titles[direction]} [${BATCH},${c},${h},${w}] -> ${o}`,
    job: { kind: 'conv', direction, layer },
    work: { products: [convProducts(BATCH, c, h, w, o)[direction]] },
    checks: 1,
    tolerance: 1e-4,
  })),
);

const steps = [4, 16, 64, 256].map((batch): PeerCase => ({
  name: `training step, batch ${batch}`,
  job: { kind: 'step', batch },
  work: { products: gradientProducts(batch) },
  checks: 2,
  tolerance: 1e-3,
}));

export const cases: readonly PeerCase[] = [
  ...matmuls,
  ...convolutions,
  ...steps,
  {
    name: `gradient of the gated net, batch ${BATCH}`,
    job: { kind: 'gradient' },
    work: { products: gradientProducts(BATCH) },
    checks: 1,
    tolerance: 1e-3,
  },
  { name: `mixed product of the gated net, batch ${BATCH}`, job: { kind: 'mixed' }, checks: 1, tolerance: 1e-3 },
  { name: 'Bi-RPT, upper iteration', job: { kind: 'bi-rpt' }, checks: 0, tolerance: 0, own: true },
  { name: 'add, 1 element', job: { kind: 'add' }, checks: 1, tolerance: 0 },
  {
    name: `pre-training loop, batch ${BATCH}, a step`,
    job: { kind: 'loop' },
    work: { products: gradientProducts(BATCH) },
    checks: 3,
    tolerance: 1e-3,
  },
];
