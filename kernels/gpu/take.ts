import { quotient } from './quotient.js';
import type { Cells, Thread } from './thread.js';

/** `picks` rows of `inner` elements taken from each [n, inner]. */
export interface TakeConstants {
  readonly n: number;
  readonly inner: number;
  readonly picks: number;
}

/** Rows at indices, negative ones counted from the end. */
export function take(this: Thread<TakeConstants>, x: Cells, indices: Cells): number {
  const cell = this.thread.x;
  const rest = quotient(cell, this.constants.inner);
  const outer = quotient(rest, this.constants.picks);
  let pick = indices[rest - outer * this.constants.picks]!;
  if (pick < 0) pick += this.constants.n;
  return x[(outer * this.constants.n + pick) * this.constants.inner + (cell - rest * this.constants.inner)]!;
}

/** Its adjoint as a gather: each element of the source sums the taken rows that came from it. */
export function takeAdjoint(this: Thread<TakeConstants>, g: Cells, indices: Cells): number {
  const cell = this.thread.x;
  const rest = quotient(cell, this.constants.inner);
  const outer = quotient(rest, this.constants.n);
  const row = rest - outer * this.constants.n;
  const column = cell - rest * this.constants.inner;
  let total = 0.0;
  for (let j = 0; j < this.constants.picks; j++) {
    let pick = indices[j]!;
    if (pick < 0) pick += this.constants.n;
    if (pick === row) total += g[(outer * this.constants.picks + j) * this.constants.inner + column]!;
  }
  return total;
}

/** 1 where the index is the position along the last axis of length `depth`. */
export function oneHot(this: Thread<{ readonly depth: number }>, indices: Cells): number {
  const cell = this.thread.x;
  const row = quotient(cell, this.constants.depth);
  if (cell - row * this.constants.depth === indices[row]!) return 1.0;
  return 0.0;
}
