import { expOf, logOf } from './elementwise.js';
import { quotient } from './quotient.js';
import type { Cells, Thread } from './thread.js';

// Of e^(x - top) and its sum, with `top` the largest element of each row: the steps of softmax
// after the first.

/** e^(x - top) */
export function shiftedExpOf(x: number, top: number): number {
  return expOf(x - top);
}
/** e^(x - top - log total) */
export function softmaxOf(x: number, top: number, total: number): number {
  return expOf(x - top - logOf(total));
}
/** x - top - log total */
export function logSoftmaxOf(x: number, top: number, total: number): number {
  return x - top - logOf(total);
}

/** Length of a row of logits. */
export interface RowConstants {
  readonly k: number;
}

/** -log softmax(logits)[label] of row i: log total - (x[i, label] - top). */
export function crossEntropy(
  this: Thread<RowConstants>,
  logits: Cells,
  labels: Cells,
  top: Cells,
  total: Cells,
): number {
  const row = this.thread.x;
  return logOf(total[row]!) - (logits[row * this.constants.k + labels[row]!]! - top[row]!);
}

/** g (softmax(logits) - onehot(labels)), row by row. */
export function crossEntropyGrad(
  this: Thread<RowConstants>,
  g: Cells,
  logits: Cells,
  labels: Cells,
  top: Cells,
  total: Cells,
): number {
  const cell = this.thread.x;
  const row = quotient(cell, this.constants.k);
  let p = expOf(logits[cell]! - top[row]! - logOf(total[row]!));
  if (cell - row * this.constants.k === labels[row]!) p -= 1.0;
  return g[row]! * p;
}
