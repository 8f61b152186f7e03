/**
 * What a kernel sees as `this`: which output cell it computes, and the numbers it was compiled
 * with. No argument, of helpers too, may have the name of a constant: in mode cpu GPU.js would take
 * one for the other.
 */
export interface Thread<C = Record<string, never>> {
  readonly thread: { readonly x: number };
  readonly constants: C;
}

/** Row-major elements: a typed array in main memory, a texture or storage buffer on a device. */
export type Cells = ArrayLike<number>;
