// Pieces of WGSL text.

/** Lines, one for each of some things. */
export const lines = <T>(xs: readonly T[], line: (x: T) => string): string => xs.map(line).join('\n');

/** Lines, one for each pair of things. */
export const eachOf = <T, U>(xs: readonly T[], ys: readonly U[], line: (x: T, y: U) => string): string =>
  lines(xs, (x) => lines(ys, (y) => line(x, y)));

/** The type of so many numbers. */
export const vector = (lanes: number, type: string): string => (lanes === 1 ? type : `vec${lanes}<${type}>`);

/** One number of a vector. */
export const component = (name: string, lane: number, lanes: number): string =>
  lanes === 1 ? name : `${name}.${'xyzw'[lane]!}`;

/** The integers from 0 to n - 1. */
export const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
