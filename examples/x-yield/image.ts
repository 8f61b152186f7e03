import type { Alloy } from './alloy.js';
import { ELEMENTS } from './elements.js';

/** The shape of one pseudo-image: channels, rows, columns. */
export const IMAGE_SHAPE = [2, 9, 18] as const;

const [CHANNELS, ROWS, COLUMNS] = IMAGE_SHAPE;
const PLANE = ROWS * COLUMNS;

/**
 * Where the elements stand: at their place in the periodic table, or under the fixed permutation of
 * it.
 */
export type Layout = 'ptr' | 'rptr';

/**
 * The pseudo-images [n, 2, 9, 18] of n alloys, row-major: channel 0 holds each atomic fraction at
 * its element's cell, channel 1 is the constant `(T - 273.15) / 2000`.
 */
export function writeImages(alloys: readonly Alloy[], layout: Layout): Float32Array {
  const offsets = ELEMENTS.map((element) => element[layout][0] * COLUMNS + element[layout][1]);
  const images = new Float32Array(alloys.length * CHANNELS * PLANE);
  alloys.forEach(({ fractions, temperature }, i) => {
    const start = i * CHANNELS * PLANE;
    offsets.forEach((offset, n) => (images[start + offset] = fractions[n]!));
    images.fill((temperature - 273.15) / 2000, start + PLANE, start + 2 * PLANE);
  });
  return images;
}
