import type { Sizes, SizeName, Testbed } from '../lab/records.js';
import { alloyType, type Measurement } from './alloy.js';
import { DataError } from './data-error.js';
import { sampleGrid } from './grid.js';
import { IMAGE_SHAPE, writeImages, type Layout } from './image.js';
import { alloyNetwork } from './network.js';
import { seeded } from './random.js';
import { readMeasurements } from './read-data.js';
import { yieldStrength } from './simulator.js';
import { syntheticExperiment } from './synthetic.js';

const SYNTHETIC_SEED = 0;
const LEAST = 10; // measurements

/** How long alloys are trained on: seconds, about a minute, and as long as in the paper. */
export const SIZES: Readonly<Record<SizeName, Sizes>> = {
  quick: {
    points: 800,
    pretrain: { epochs: 2, batch: 16, rate: 1e-3 },
    fineTune: { epochs: 15, batch: 4, rate: 1e-2, schedule: 'thirds' },
    sourceBatch: 4,
    splits: 3,
  },
  default: {
    points: 8000,
    pretrain: { epochs: 2, batch: 16, rate: 1e-3 },
    fineTune: { epochs: 45, batch: 4, rate: 1e-2, schedule: 'thirds' },
    sourceBatch: 4,
    splits: 5,
  },
  full: {
    points: 100_000,
    pretrain: { epochs: 10, batch: 16, rate: 1e-4 },
    fineTune: { epochs: 90, batch: 4, rate: 1e-3, schedule: 'thirds' },
    sourceBatch: 16,
    splits: 10,
  },
};

/** Half-open ranges of temperature in K, as errors are shown by. */
const range = (t: number): string => (t < 400 ? 'below 400 K' : t < 1000 ? '400 to 1000 K' : '1000 K and above');

/**
 * Simulated alloys as source, and measurements as target: those in a file, or without one the
 * synthetic experiment.
 *
 * Throws a `DataError` for a file that cannot be used.
 */
export function alloys(path: string | null, layout: Layout): Testbed<Measurement> {
  const data = path === null ? syntheticExperiment(SYNTHETIC_SEED) : readMeasurements(path);
  if (data.length < LEAST) throw new DataError(path ?? 'synthetic', `at least ${LEAST} measurements`, `${data.length}`);
  return {
    name: `alloys-${layout}`,
    title:
      path === null
        ? `X-Yield on a SYNTHETIC experiment of ${data.length} points`
        : `X-Yield on ${data.length} measurements from ${path}`,
    caution:
      path === null
        ? 'The measurements are synthetic, so these numbers say how the methods behave and nothing about real alloys.'
        : null,
    data,
    source: (count, seed) =>
      sampleGrid(count, seeded(seed)).map((alloy) => ({
        ...alloy,
        strength: yieldStrength(alloy.fractions, alloy.temperature),
      })),
    inputs: (items) => writeImages(items, layout),
    shape: IMAGE_SHAPE,
    network: alloyNetwork,
    groups: (item) => ({ temperature: range(item.temperature), 'alloy type': alloyType(item) }),
  };
}
