import { quotient } from './quotient.js';
import type { Cells, Thread } from './thread.js';

/** Windows over planes [h,w] that give planes [p,q]. */
export interface PoolConstants {
  readonly h: number;
  readonly w: number;
  readonly p: number;
  readonly q: number;
  readonly sizeY: number;
  readonly sizeX: number;
  readonly strideY: number;
  readonly strideX: number;
  readonly top: number;
  readonly left: number;
  /** How many windows an element may be in, along each axis. */
  readonly reachY: number;
  readonly reachX: number;
}

/**
 * Where in its plane the largest element of a window is, the first of ties; padding never wins, NaN
 * always does.
 */
export function poolIndex(this: Thread<PoolConstants>, x: Cells): number {
  const cell = this.thread.x;
  const row = quotient(cell, this.constants.q);
  const plane = quotient(row, this.constants.p);
  const y0 = (row - plane * this.constants.p) * this.constants.strideY - this.constants.top;
  const x0 = (cell - row * this.constants.q) * this.constants.strideX - this.constants.left;
  const from = plane * this.constants.h * this.constants.w;
  let best = -1.0;
  let top = 0.0;
  let open = 1.0; // until the largest is NaN
  for (let i = 0; i < this.constants.sizeY; i++) {
    const yy = y0 + i;
    if (yy >= 0 && yy < this.constants.h) {
      for (let j = 0; j < this.constants.sizeX; j++) {
        const xx = x0 + j;
        if (xx >= 0 && xx < this.constants.w) {
          const at = yy * this.constants.w + xx;
          const value = x[from + at]!;
          if (best < 0) {
            best = at;
            top = value;
            if (!(value > 0) && !(value <= 0)) open = 0.0;
          } else if (open === 1) {
            if (!(value <= top)) {
              if (!(value > top)) open = 0.0;
              best = at;
              top = value;
            }
          }
        }
      }
    }
  }
  return best;
}

/** The elements at the indices, plane by plane. */
export function poolGather(this: Thread<PoolConstants>, x: Cells, indices: Cells): number {
  const cell = this.thread.x;
  const plane = quotient(cell, this.constants.p * this.constants.q);
  return x[plane * this.constants.h * this.constants.w + indices[cell]!]!;
}

/** Its adjoint as a gather: each element sums what came of the windows that picked it. */
export function poolScatter(this: Thread<PoolConstants>, y: Cells, indices: Cells): number {
  const cell = this.thread.x;
  const row = quotient(cell, this.constants.w);
  const plane = quotient(row, this.constants.h);
  const own = cell - plane * this.constants.h * this.constants.w;
  const lastY = quotient(row - plane * this.constants.h + this.constants.top, this.constants.strideY);
  const lastX = quotient(cell - row * this.constants.w + this.constants.left, this.constants.strideX);
  let total = 0.0;
  for (let i = 0; i < this.constants.reachY; i++) {
    const u = lastY - i;
    if (u >= 0 && u < this.constants.p) {
      for (let j = 0; j < this.constants.reachX; j++) {
        const v = lastX - j;
        if (v >= 0 && v < this.constants.q) {
          const at = (plane * this.constants.p + u) * this.constants.q + v;
          if (indices[at]! === own) total += y[at]!;
        }
      }
    }
  }
  return total;
}
