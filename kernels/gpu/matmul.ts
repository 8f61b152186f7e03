import { quotient } from './quotient.js';
import type { Cells, Thread } from './thread.js';

/**
 * Lengths of a product [b,m,k] [b,k,n], and where its operands lie: offset, and strides of batch,
 * row and column.
 */
export interface MatmulConstants {
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly xAt: number;
  readonly xBatch: number;
  readonly xRow: number;
  readonly xColumn: number;
  readonly yAt: number;
  readonly yBatch: number;
  readonly yRow: number;
  readonly yColumn: number;
}

/** out[b,i,j] = sum over p of x[b,i,p] y[b,p,j]; operands are strided. */
export function matmul(this: Thread<MatmulConstants>, x: Cells, y: Cells): number {
  const cell = this.thread.x;
  const row = quotient(cell, this.constants.n);
  const column = cell - row * this.constants.n;
  const batch = quotient(row, this.constants.m);
  const xFrom =
    this.constants.xAt + batch * this.constants.xBatch + (row - batch * this.constants.m) * this.constants.xRow;
  const yFrom = this.constants.yAt + batch * this.constants.yBatch + column * this.constants.yColumn;
  let total = 0.0;
  for (let p = 0; p < this.constants.k; p++) {
    total += x[xFrom + p * this.constants.xColumn]! * y[yFrom + p * this.constants.yRow]!;
  }
  return total;
}
