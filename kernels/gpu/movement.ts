import { quotient } from './quotient.js';
import type { Cells, Thread } from './thread.js';

/**
 * [outer, n, inner] written into [outer, to, inner] from `lo` on, every `step`-th; `fill`
 * elsewhere.
 */
export interface PadConstants {
  readonly n: number;
  readonly to: number;
  readonly inner: number;
  readonly lo: number;
  readonly step: number;
}

/** Padding along one axis. */
export function padAxis(this: Thread<PadConstants>, x: Cells, fill: number): number {
  const cell = this.thread.x;
  const rest = quotient(cell, this.constants.inner);
  const outer = quotient(rest, this.constants.to);
  const from = rest - outer * this.constants.to - this.constants.lo;
  if (from < 0) return fill;
  const i = quotient(from, this.constants.step);
  if (i >= this.constants.n) return fill;
  if (i * this.constants.step !== from) return fill;
  return x[(outer * this.constants.n + i) * this.constants.inner + (cell - rest * this.constants.inner)]!;
}

/** Rows of `left` and of `right` elements, one after the other. */
export interface JoinConstants {
  readonly left: number;
  readonly right: number;
}

/** Two tensors side by side. */
export function join(this: Thread<JoinConstants>, x: Cells, y: Cells): number {
  const cell = this.thread.x;
  const width = this.constants.left + this.constants.right;
  const row = quotient(cell, width);
  const column = cell - row * width;
  if (column < this.constants.left) return x[row * this.constants.left + column]!;
  return y[row * this.constants.right + (column - this.constants.left)]!;
}
