import { normal } from '../x-yield/random.js';

const SIDE = 14;
const MOST = 255;

type Pixels = readonly number[];
type Random = () => number;

const clipped = (x: number): number => Math.round(Math.min(MOST, Math.max(0, x)));
/** The value at a place, 0 outside. */
const at = (pixels: Pixels, row: number, column: number): number =>
  row < 0 || column < 0 || row >= SIDE || column >= SIDE ? 0 : pixels[row * SIDE + column]!;
const byPlace = (f: (row: number, column: number) => number): number[] =>
  Array.from({ length: SIDE * SIDE }, (_, i) => clipped(f(Math.floor(i / SIDE), i % SIDE)));

/**
 * Six strong corruptions after MNIST-C (Mu and Gilmer 2019): shot noise, impulses, blur, stripes, a
 * shift, and inversion.
 */
export const CORRUPTIONS: Readonly<Record<string, (pixels: Pixels, random: Random) => number[]>> = {
  noise: (pixels, random) => pixels.map((x) => clipped(x + 90 * normal(random))),
  impulses: (pixels, random) => pixels.map((x) => (random() < 0.25 ? (random() < 0.5 ? 0 : MOST) : x)),
  blur: (pixels) =>
    byPlace((row, column) => {
      let sum = 0;
      for (let r = -1; r <= 1; r++) for (let c = -1; c <= 1; c++) sum += at(pixels, row + r, column + c);
      return sum / 9;
    }),
  stripes: (pixels) => byPlace((row, column) => (column % 4 === 1 ? MOST : at(pixels, row, column))),
  shift: (pixels, random) => {
    const [down, right] = [Math.floor(7 * random()) - 3, Math.floor(7 * random()) - 3];
    return byPlace((row, column) => at(pixels, row - down, column - right));
  },
  inversion: (pixels) => pixels.map((x) => MOST - x),
};

/** Pixels under one of the corruptions, drawn at random. */
export function corrupted(pixels: Pixels, random: Random): number[] {
  const all = Object.values(CORRUPTIONS);
  return all[Math.floor(all.length * random())]!(pixels, random);
}
