import { quotient } from './quotient.js';
import type { Cells, Thread } from './thread.js';

/**
 * Row-major [outer, length, inner] reduced along its middle axis into [outer, chunks, inner],
 * `chunk` elements at a time.
 */
export interface AlongConstants {
  readonly length: number;
  readonly inner: number;
  readonly chunk: number;
  readonly chunks: number;
}

/**
 * The sum of each chunk, over `divisor`. A sum in several passes is fast on few outputs, and loses
 * fewer digits.
 */
export function sumAlong(this: Thread<AlongConstants & { readonly divisor: number }>, x: Cells): number {
  const cell = this.thread.x;
  const rest = quotient(cell, this.constants.inner);
  const outer = quotient(rest, this.constants.chunks);
  const first = (rest - outer * this.constants.chunks) * this.constants.chunk;
  const from = outer * this.constants.length * this.constants.inner + (cell - rest * this.constants.inner);
  let total = 0.0;
  for (let j = 0; j < this.constants.chunk; j++) {
    if (first + j < this.constants.length) total += x[from + (first + j) * this.constants.inner]!;
  }
  return total / this.constants.divisor;
}

/** The largest element of each chunk, NaN if any is. */
export function maxAlong(this: Thread<AlongConstants>, x: Cells): number {
  const cell = this.thread.x;
  const rest = quotient(cell, this.constants.inner);
  const outer = quotient(rest, this.constants.chunks);
  const first = (rest - outer * this.constants.chunks) * this.constants.chunk;
  const from = outer * this.constants.length * this.constants.inner + (cell - rest * this.constants.inner);
  let top = x[from + first * this.constants.inner]!;
  for (let j = 1; j < this.constants.chunk; j++) {
    if (first + j < this.constants.length) {
      const value = x[from + (first + j) * this.constants.inner]!;
      if (value > top) top = value;
      else if (!(value <= top)) top = value + top;
    }
  }
  return top;
}

/**
 * Where along the middle axis of [outer, length, inner] the largest element is, the first of ties;
 * NaN counts as largest.
 */
export function argmaxAlong(this: Thread<{ readonly length: number; readonly inner: number }>, x: Cells): number {
  const cell = this.thread.x;
  const outer = quotient(cell, this.constants.inner);
  const from = outer * this.constants.length * this.constants.inner + (cell - outer * this.constants.inner);
  let best = 0.0;
  let top = x[from]!;
  let open = 0.0; // unless the largest is NaN
  if (top > 0 || top <= 0) open = 1.0;
  for (let j = 1; j < this.constants.length; j++) {
    const value = x[from + j * this.constants.inner]!;
    if (open === 1) {
      if (!(value <= top)) {
        if (!(value > top)) open = 0.0;
        top = value;
        best = j;
      }
    }
  }
  return best;
}

/** Scans along the middle axis of [outer, length, inner]; from the end where `sign` is -1. */
interface ScanConstants {
  readonly length: number;
  readonly inner: number;
  readonly sign: number;
}

/**
 * Sums of [outer, length, inner] along its middle axis up to each element; from each on where
 * `sign` is -1.
 */
export function cumsumAlong(this: Thread<ScanConstants>, x: Cells): number {
  const cell = this.thread.x;
  const rest = quotient(cell, this.constants.inner);
  const outer = quotient(rest, this.constants.length);
  const own = rest - outer * this.constants.length;
  const from = outer * this.constants.length * this.constants.inner + (cell - rest * this.constants.inner);
  let total = 0.0;
  for (let j = 0; j < this.constants.length; j++) {
    if ((j - own) * this.constants.sign <= 0) total += x[from + j * this.constants.inner]!;
  }
  return total;
}

/** Products along the axis up to each element. */
export function cumprodAlong(this: Thread<ScanConstants>, x: Cells): number {
  const cell = this.thread.x;
  const rest = quotient(cell, this.constants.inner);
  const outer = quotient(rest, this.constants.length);
  const own = rest - outer * this.constants.length;
  const from = outer * this.constants.length * this.constants.inner + (cell - rest * this.constants.inner);
  let total = 1.0;
  for (let j = 0; j < this.constants.length; j++) {
    if ((j - own) * this.constants.sign <= 0) total *= x[from + j * this.constants.inner]!;
  }
  return total;
}

/**
 * The adjoint of the derivative of products along the axis: the product before each element times r
 * = g + the next element * its r.
 */
export function cumprodGradAlong(this: Thread<ScanConstants>, g: Cells, x: Cells): number {
  const cell = this.thread.x;
  const rest = quotient(cell, this.constants.inner);
  const outer = quotient(rest, this.constants.length);
  const own = rest - outer * this.constants.length;
  const from = outer * this.constants.length * this.constants.inner + (cell - rest * this.constants.inner);
  let before = 1.0;
  let r = 0.0;
  for (let j = 0; j < this.constants.length; j++) {
    if ((j - own) * this.constants.sign < 0) before *= x[from + j * this.constants.inner]!;
  }
  for (let j = 0; j < this.constants.length; j++) {
    let k = j; // from the last on the way
    if (this.constants.sign > 0) k = this.constants.length - 1 - j;
    if ((k - own) * this.constants.sign >= 0) {
      let carried = 0.0;
      if (j > 0) carried = x[from + (k + this.constants.sign) * this.constants.inner]! * r;
      r = g[from + k * this.constants.inner]! + carried;
    }
  }
  return before * r;
}

/** y = x + link * the y before, along the axis; there is one link fewer than elements. */
export function recurrenceAlong(this: Thread<ScanConstants>, links: Cells, x: Cells): number {
  const cell = this.thread.x;
  const rest = quotient(cell, this.constants.inner);
  const outer = quotient(rest, this.constants.length);
  const own = rest - outer * this.constants.length;
  const column = cell - rest * this.constants.inner;
  const from = outer * this.constants.length * this.constants.inner + column;
  const link = outer * (this.constants.length - 1) * this.constants.inner + column;
  let y = 0.0;
  for (let j = 0; j < this.constants.length; j++) {
    let k = j; // from the first on the way
    let before = j - 1;
    if (this.constants.sign < 0) {
      k = this.constants.length - 1 - j;
      before = k;
    }
    if ((k - own) * this.constants.sign <= 0) {
      let carried = 0.0;
      if (j > 0) carried = links[link + before * this.constants.inner]! * y;
      y = x[from + k * this.constants.inner]! + carried;
    }
  }
  return y;
}

/** Where along the axis the largest element so far is: the last of ties, and the last NaN. */
export function cummaxAlong(this: Thread<ScanConstants>, x: Cells): number {
  const cell = this.thread.x;
  const rest = quotient(cell, this.constants.inner);
  const outer = quotient(rest, this.constants.length);
  const own = rest - outer * this.constants.length;
  const from = outer * this.constants.length * this.constants.inner + (cell - rest * this.constants.inner);
  let best = 0.0;
  let top = 0.0;
  let open = 1.0; // unless the largest is NaN
  for (let j = 0; j < this.constants.length; j++) {
    let k = j; // from the first on the way
    if (this.constants.sign < 0) k = this.constants.length - 1 - j;
    if ((k - own) * this.constants.sign <= 0) {
      const value = x[from + k * this.constants.inner]!;
      if (value > 0 || value <= 0) {
        if (open === 1) {
          if (j === 0 || value >= top) {
            top = value;
            best = k;
          }
        }
      } else {
        open = 0.0;
        best = k;
      }
    }
  }
  return best;
}
