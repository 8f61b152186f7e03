/** Row and column, from 0, on the 9 x 18 grid of a pseudo-image. */
export type Cell = readonly [row: number, column: number];

/**
 * What the simulator and the pseudo-image need of an element: elastic constants in GPa, volume in
 * cubic angstrom.
 */
export interface Element {
  readonly symbol: string;
  readonly C11: number;
  readonly C12: number;
  readonly C44: number;
  readonly volume: number;
  readonly ptr: Cell;
  readonly rptr: Cell;
}

/**
 * The 11 elements, in the order of every `fractions` array.
 *
 * Elastic constants (GPa) and volumes (cubic angstrom per atom) are those used with the
 * edge-dislocation model of Maresca and Curtin (Acta Mater. 182, 2020). How far each is to be
 * trusted:
 * - Mo Nb Ta Ti V W: reproduce 9 of the 13 simulated values of the X-Yield paper's Table 4 to
 *   0.0005 GPa;
 * - Cr Hf Zr: found in one public script only;
 * - Al Fe: textbook values, unverified.
 *
 * `ptr` is the element's place in the periodic table, `rptr` its cell under the fixed permutation
 * of Feng et al. (2021, public file Z_row_column.txt).
 */
export const ELEMENTS: readonly Element[] = [
  { symbol: 'Al', C11: 114.3, C12: 61.9, C44: 31.6, volume: 16.6, ptr: [2, 12], rptr: [4, 15] },
  { symbol: 'Cr', C11: 339.8, C12: 58.6, C44: 99.0, volume: 12.321, ptr: [3, 5], rptr: [5, 7] },
  { symbol: 'Fe', C11: 243.1, C12: 138.1, C44: 121.9, volume: 11.77, ptr: [3, 7], rptr: [6, 2] },
  { symbol: 'Hf', C11: 131.0, C12: 103.0, C44: 45.0, volume: 22.528, ptr: [5, 3], rptr: [8, 14] },
  { symbol: 'Mo', C11: 450.02, C12: 172.92, C44: 125.03, volume: 15.524, ptr: [4, 5], rptr: [5, 10] },
  { symbol: 'Nb', C11: 252.7, C12: 133.2, C44: 30.97, volume: 17.952, ptr: [4, 4], rptr: [7, 9] },
  { symbol: 'Ta', C11: 266.32, C12: 158.16, C44: 87.36, volume: 17.985, ptr: [5, 4], rptr: [5, 11] },
  { symbol: 'Ti', C11: 134.0, C12: 110.0, C44: 36.0, volume: 17.387, ptr: [3, 3], rptr: [5, 9] },
  { symbol: 'V', C11: 232.4, C12: 119.36, C44: 45.95, volume: 14.02, ptr: [3, 4], rptr: [4, 4] },
  { symbol: 'W', C11: 532.55, C12: 204.95, C44: 163.13, volume: 15.807, ptr: [5, 5], rptr: [8, 6] },
  { symbol: 'Zr', C11: 104.0, C12: 93.0, C44: 38.0, volume: 23.02, ptr: [4, 3], rptr: [3, 16] },
];

/** The symbols of `ELEMENTS`, in the same order. */
export const SYMBOLS: readonly string[] = ELEMENTS.map((element) => element.symbol);
