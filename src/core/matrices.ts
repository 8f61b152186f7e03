import { sizeOf, type Shape } from './shape.js';
import { show } from './words.js';

// What ops on batches of matrices, and their kernels, say of a matrix that they refuse.

/** Which matrix of a batch one is, in words: `matrix [1,2] of the batch`. */
export function matrixName(shape: Shape, b: number): string {
  const lead = shape.slice(0, -2);
  if (lead.length === 0) return 'a matrix';
  const index = lead.map((d, i) => Math.floor(b / sizeOf(lead.slice(i + 1))) % d);
  return `matrix ${show(index)} of the batch`;
}

/** The error about matrix `b` of a batch, which has no inverse. */
export const singular = (who: string, shape: Shape, b: number): RangeError =>
  new RangeError(`${who}: expected matrices that have an inverse, got ${matrixName(shape, b)} that has none`);

/** The error about matrix `b` of a batch, which is not positive definite. */
export const indefinite = (shape: Shape, b: number): RangeError =>
  new RangeError(`cholesky: expected positive definite matrices, got ${matrixName(shape, b)} that is not`);
