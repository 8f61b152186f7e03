import { quotient } from './quotient.js';
import type { Cells, Thread } from './thread.js';

/**
 * [outer, length, inner] with `count` indices along its middle axis in [outer, count, inner];
 * negative ones count from the end.
 */
export interface AlongConstants {
  readonly length: number;
  readonly count: number;
  readonly inner: number;
}

/** The elements at indices. */
export function takeAlong(this: Thread<AlongConstants>, x: Cells, indices: Cells): number {
  const cell = this.thread.x;
  const rest = quotient(cell, this.constants.inner);
  const outer = quotient(rest, this.constants.count);
  let index = indices[cell]!;
  if (index < 0) index += this.constants.length;
  return x[(outer * this.constants.length + index) * this.constants.inner + (cell - rest * this.constants.inner)]!;
}

/** Its adjoint as a gather: each element sums what was taken of it. */
export function takeAlongAdjoint(this: Thread<AlongConstants>, g: Cells, indices: Cells): number {
  const cell = this.thread.x;
  const rest = quotient(cell, this.constants.inner);
  const outer = quotient(rest, this.constants.length);
  const own = rest - outer * this.constants.length;
  const from = outer * this.constants.count * this.constants.inner + (cell - rest * this.constants.inner);
  let total = 0.0;
  for (let j = 0; j < this.constants.count; j++) {
    let index = indices[from + j * this.constants.inner]!;
    if (index < 0) index += this.constants.length;
    if (index === own) total += g[from + j * this.constants.inner]!;
  }
  return total;
}

/** x, or the last of the values whose index points to an element. */
export function scatterSet(this: Thread<AlongConstants>, x: Cells, indices: Cells, values: Cells): number {
  const cell = this.thread.x;
  const rest = quotient(cell, this.constants.inner);
  const outer = quotient(rest, this.constants.length);
  const own = rest - outer * this.constants.length;
  const from = outer * this.constants.count * this.constants.inner + (cell - rest * this.constants.inner);
  let last = x[cell]!;
  for (let j = 0; j < this.constants.count; j++) {
    let index = indices[from + j * this.constants.inner]!;
    if (index < 0) index += this.constants.length;
    if (index === own) last = values[from + j * this.constants.inner]!;
  }
  return last;
}

/** The elements at indices, but 0 where a later index points to the same one. */
export function takeWritten(this: Thread<AlongConstants>, g: Cells, indices: Cells): number {
  const cell = this.thread.x;
  const rest = quotient(cell, this.constants.inner);
  const outer = quotient(rest, this.constants.count);
  const place = rest - outer * this.constants.count;
  const i = cell - rest * this.constants.inner;
  const from = outer * this.constants.count * this.constants.inner + i;
  let own = indices[cell]!;
  if (own < 0) own += this.constants.length;
  let taken = g[(outer * this.constants.length + own) * this.constants.inner + i]!;
  for (let j = 0; j < this.constants.count; j++) {
    let index = indices[from + j * this.constants.inner]!;
    if (index < 0) index += this.constants.length;
    if (j > place) {
      if (index === own) taken = 0.0;
    }
  }
  return taken;
}

/** By element of [outer, length, inner]: how many along its axis stand before it once sorted. */
export function rankAlong(
  this: Thread<{ readonly length: number; readonly inner: number; readonly sign: number }>,
  x: Cells,
): number {
  const cell = this.thread.x;
  const rest = quotient(cell, this.constants.inner);
  const outer = quotient(rest, this.constants.length);
  const own = rest - outer * this.constants.length;
  const from = outer * this.constants.length * this.constants.inner + (cell - rest * this.constants.inner);
  const value = x[cell]!;
  let known = 0.0; // unless it is NaN
  if (value > 0 || value <= 0) known = 1.0;
  let before = 0.0;
  for (let j = 0; j < this.constants.length; j++) {
    const other = x[from + j * this.constants.inner]!;
    let order = 1.0; // of NaN behind numbers
    if (other > 0 || other <= 0) {
      order = -1.0;
      if (known === 1) {
        order = 0.0;
        if (other > value) order = 1.0;
        if (other < value) order = -1.0;
      }
    } else if (known === 0) order = 0.0;
    order *= this.constants.sign;
    if (order < 0) before += 1.0;
    if (order === 0) {
      if (j < own) before += 1.0;
    }
  }
  return before;
}

/**
 * The first `count` places of the inverse of the permutations along the middle axis of [outer,
 * length, inner].
 */
export function placeAlong(this: Thread<AlongConstants>, ranks: Cells): number {
  const cell = this.thread.x;
  const rest = quotient(cell, this.constants.inner);
  const outer = quotient(rest, this.constants.count);
  const own = rest - outer * this.constants.count;
  const from = outer * this.constants.length * this.constants.inner + (cell - rest * this.constants.inner);
  let place = 0.0;
  for (let j = 0; j < this.constants.length; j++) {
    if (ranks[from + j * this.constants.inner]! === own) place = j;
  }
  return place;
}

/**
 * How many of a row of `length` sorted numbers are below each of the `count` values of that row; or
 * not above it, where `right` is 1.
 */
export function searchSorted(
  this: Thread<{ readonly length: number; readonly count: number; readonly right: number }>,
  sorted: Cells,
  values: Cells,
): number {
  const value = values[this.thread.x]!;
  const from = quotient(this.thread.x, this.constants.count) * this.constants.length;
  let known = 0.0; // unless it is NaN
  if (value > 0 || value <= 0) known = 1.0;
  let before = 0.0;
  for (let j = 0; j < this.constants.length; j++) {
    const other = sorted[from + j]!;
    if (known === 1) {
      if (other < value) before += 1.0;
      else if (this.constants.right === 1) {
        if (other === value) before += 1.0;
      }
    } else if (this.constants.right === 1) before += 1.0;
    else if (other > 0 || other <= 0) before += 1.0;
  }
  return before;
}
