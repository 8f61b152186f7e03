import { fromTypedArray, type Backend, type Tensor } from 'bigrad';
import { seeded, shuffle } from '../x-yield/random.js';

/** Inputs and labels of items, row by row. */
export interface Dataset {
  readonly count: number;
  /** Of one input. */
  readonly shape: readonly number[];
  readonly inputs: Float32Array;
  /** A quantity, or the number of a class. */
  readonly labels: Float32Array;
}

/** Inputs [n, ...shape] and labels [n]. */
export interface Batch {
  readonly x: Tensor;
  readonly y: Tensor;
}

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

export function batchOf({ shape, inputs, labels }: Dataset, rows: readonly number[], device: Backend): Batch {
  const size = shape.reduce((n, d) => n * d, 1);
  const picked = new Float32Array(rows.length * size);
  rows.forEach((row, i) => {
    picked.set(inputs.subarray(row * size, (row + 1) * size), i * size);
  });
  return {
    x: fromTypedArray(picked, [rows.length, ...shape], { device }),
    y: fromTypedArray(
      Float32Array.from(rows, (row) => labels[row]!),
      [rows.length],
      { device },
    ),
  };
}

export const wholeBatch = (data: Dataset, device: Backend): Batch => batchOf(data, range(data.count), device);

/** The first n rows of a data set, or all that there are. */
export function firstRows({ shape, inputs, labels, ...rest }: Dataset, n: number): Dataset {
  const count = Math.min(n, rest.count);
  const size = shape.reduce((product, d) => product * d, 1);
  return { count, shape, inputs: inputs.subarray(0, count * size), labels: labels.subarray(0, count) };
}

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
  const rows = range(data.count);
  for (;;) {
    const order = shuffle(rows, random);
    for (let i = 0; i < order.length; i += size)
      if (skip > 0) skip--;
      else yield batchOf(data, order.slice(i, i + size), device);
  }
}

/** How many batches make one pass. */
export const batchCount = (count: number, size: number): number => Math.ceil(count / size);
