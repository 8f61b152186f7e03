import { fromTypedArray, type Backend, type Tensor } from 'bigrad';
import {
  IMAGE_SHAPE,
  seeded,
  shuffle,
  writeImages,
  yieldStrength,
  type Alloy,
  type Layout,
  type Measurement,
} from '../x-yield/index.js';

/** Images and strengths of alloys, row by row. */
export interface Dataset {
  readonly count: number;
  readonly images: Float32Array;
  /** GPa */
  readonly strengths: Float32Array;
}

/** Images [n,2,9,18] and strengths [n]. */
export interface Batch {
  readonly x: Tensor;
  readonly y: Tensor;
}

export const measuredDataset = (measurements: readonly Measurement[], layout: Layout): Dataset => ({
  count: measurements.length,
  images: writeImages(measurements, layout),
  strengths: Float32Array.from(measurements, (m) => m.strength),
});

/** Alloys labelled by the simulator. */
export const simulatedDataset = (alloys: readonly Alloy[], layout: Layout): Dataset => ({
  count: alloys.length,
  images: writeImages(alloys, layout),
  strengths: Float32Array.from(alloys, (a) => yieldStrength(a.fractions, a.temperature)),
});

const IMAGE = IMAGE_SHAPE.reduce((n, d) => n * d, 1);

export function batchOf(data: Dataset, rows: readonly number[], device: Backend): Batch {
  const images = new Float32Array(rows.length * IMAGE);
  rows.forEach((row, i) => {
    images.set(data.images.subarray(row * IMAGE, (row + 1) * IMAGE), i * IMAGE);
  });
  return {
    x: fromTypedArray(images, [rows.length, ...IMAGE_SHAPE], { device }),
    y: fromTypedArray(
      Float32Array.from(rows, (row) => data.strengths[row]!),
      [rows.length],
      { device },
    ),
  };
}

export const wholeBatch = (data: Dataset, device: Backend): Batch =>
  batchOf(
    data,
    Array.from({ length: data.count }, (_, i) => i),
    device,
  );

/**
 * Endless batches from the one after `skip`: each pass over the data in a new random order, the
 * last batch of a pass possibly smaller.
 */
export function* batches(
  data: Dataset,
  size: number,
  seed: number,
  device: Backend,
  skip = 0,
): Generator<Batch, never> {
  const random = seeded(seed);
  const rows = Array.from({ length: data.count }, (_, i) => i);
  for (;;) {
    const order = shuffle(rows, random);
    for (let i = 0; i < order.length; i += size)
      if (skip > 0) skip--;
      else yield batchOf(data, order.slice(i, i + size), device);
  }
}

/** How many batches make one pass. */
export const batchCount = (data: Dataset, size: number): number => Math.ceil(data.count / size);
