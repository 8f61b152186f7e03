import { quotient } from './quotient.js';
import type { Cells, Thread } from './thread.js';

/** Shapes x [n,c,h,w], w [o,cg,r,s], y [n,o,p,q] and geometry; og is o over groups. */
export interface ConvConstants {
  readonly n: number;
  readonly c: number;
  readonly h: number;
  readonly w: number;
  readonly o: number;
  readonly cg: number;
  readonly og: number;
  readonly r: number;
  readonly s: number;
  readonly p: number;
  readonly q: number;
  readonly strideY: number;
  readonly strideX: number;
  readonly dilationY: number;
  readonly dilationX: number;
  readonly top: number;
  readonly left: number;
}

/**
 * y[n,o,p,q] = sum over c,r,s of x[n, c, p stride + r dilation - top, q stride + s dilation - left]
 * w[o,c,r,s].
 */
export function conv2d(this: Thread<ConvConstants>, images: Cells, filters: Cells): number {
  const cell = this.thread.x;
  const row = quotient(cell, this.constants.q);
  const plane = quotient(row, this.constants.p);
  const image = quotient(plane, this.constants.o);
  const filter = plane - image * this.constants.o;
  const y0 = (row - plane * this.constants.p) * this.constants.strideY - this.constants.top;
  const x0 = (cell - row * this.constants.q) * this.constants.strideX - this.constants.left;
  const channel0 = image * this.constants.c + quotient(filter, this.constants.og) * this.constants.cg;
  let total = 0.0;
  for (let k = 0; k < this.constants.cg; k++) {
    let part = 0.0;
    for (let i = 0; i < this.constants.r; i++) {
      const yy = y0 + i * this.constants.dilationY;
      if (yy >= 0 && yy < this.constants.h) {
        const xRow = ((channel0 + k) * this.constants.h + yy) * this.constants.w;
        const wRow = ((filter * this.constants.cg + k) * this.constants.r + i) * this.constants.s;
        for (let j = 0; j < this.constants.s; j++) {
          const xx = x0 + j * this.constants.dilationX;
          if (xx >= 0 && xx < this.constants.w) part += images[xRow + xx]! * filters[wRow + j]!;
        }
      }
    }
    total += part;
  }
  return total;
}

/**
 * x[n,c,h,w] = the sum of y[n,o,p,q] w[o,c,r,s] over the outputs that x entered: the adjoint of
 * conv2d in x.
 */
export function conv2dInput(this: Thread<ConvConstants>, outputs: Cells, filters: Cells): number {
  const cell = this.thread.x;
  const row = quotient(cell, this.constants.w);
  const plane = quotient(row, this.constants.h);
  const image = quotient(plane, this.constants.c);
  const channel = plane - image * this.constants.c;
  const group = quotient(channel, this.constants.cg);
  const k = channel - group * this.constants.cg;
  const yAt = row - plane * this.constants.h + this.constants.top;
  const xAt = cell - row * this.constants.w + this.constants.left;
  let total = 0.0;
  for (let f = 0; f < this.constants.og; f++) {
    const filter = group * this.constants.og + f;
    let part = 0.0;
    for (let i = 0; i < this.constants.r; i++) {
      const yy = yAt - i * this.constants.dilationY;
      if (yy >= 0) {
        const u = quotient(yy, this.constants.strideY);
        if (u * this.constants.strideY === yy && u < this.constants.p) {
          const yRow = ((image * this.constants.o + filter) * this.constants.p + u) * this.constants.q;
          const wRow = ((filter * this.constants.cg + k) * this.constants.r + i) * this.constants.s;
          for (let j = 0; j < this.constants.s; j++) {
            const xx = xAt - j * this.constants.dilationX;
            if (xx >= 0) {
              const v = quotient(xx, this.constants.strideX);
              if (v * this.constants.strideX === xx && v < this.constants.q)
                part += outputs[yRow + v]! * filters[wRow + j]!;
            }
          }
        }
      }
    }
    total += part;
  }
  return total;
}

/** w[o,c,r,s] = the sum of x y over the places where they meet: the adjoint of conv2d in w. */
export function conv2dWeight(this: Thread<ConvConstants>, images: Cells, outputs: Cells): number {
  const cell = this.thread.x;
  const row = quotient(cell, this.constants.s);
  const slice = quotient(row, this.constants.r);
  const filter = quotient(slice, this.constants.cg);
  const k = slice - filter * this.constants.cg;
  const y0 = (row - slice * this.constants.r) * this.constants.dilationY - this.constants.top;
  const x0 = (cell - row * this.constants.s) * this.constants.dilationX - this.constants.left;
  const channel = quotient(filter, this.constants.og) * this.constants.cg + k;
  let total = 0.0;
  for (let image = 0; image < this.constants.n; image++) {
    let part = 0.0;
    for (let u = 0; u < this.constants.p; u++) {
      const yy = y0 + u * this.constants.strideY;
      if (yy >= 0 && yy < this.constants.h) {
        const xRow = ((image * this.constants.c + channel) * this.constants.h + yy) * this.constants.w;
        const yRow = ((image * this.constants.o + filter) * this.constants.p + u) * this.constants.q;
        let line = 0.0;
        for (let v = 0; v < this.constants.q; v++) {
          const xx = x0 + v * this.constants.strideX;
          if (xx >= 0 && xx < this.constants.w) line += images[xRow + xx]! * outputs[yRow + v]!;
        }
        part += line;
      }
    }
    total += part;
  }
  return total;
}
