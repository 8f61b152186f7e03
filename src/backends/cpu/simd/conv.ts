import type { ConvAttrs } from '../../../ops/conv.js';
import { stepsOf } from './matmul.js';
import type { Alloc, Simd } from './instance.js';
import type { Pointer } from './kernels.js';

// With the padding put around the images, the patch matrix [k, n*p*q] needs no copy: its element (tap, pixel) lies at
// taps[tap] + pixels[pixel] bytes from the image's start, and the three ops are products of matrices given by such tables,
//   y = w patches,   dw' = patches dy',   dpatches = w' dy,
// the last of which is added straight into dx, where patches overlap.

interface Geometry {
  readonly n: number;
  readonly channels: number;
  readonly h: number;
  readonly w: number;
  readonly top: number;
  readonly left: number;
  /** Lengths of the padded image. */
  readonly ph: number;
  readonly pw: number;
  readonly padded: boolean;
  /** Filters, elements of one filter, and pixels of all outputs. */
  readonly o: number;
  readonly k: number;
  readonly pixels: number;
}

function geometryOf({ x, w, y, padding, groups }: ConvAttrs): Geometry {
  const [[top, bottom], [left, right]] = padding;
  return {
    n: x[0]!,
    channels: x[1]!,
    h: x[2]!,
    w: x[3]!,
    top,
    left,
    ph: x[2]! + top + bottom,
    pw: x[3]! + left + right,
    padded: top + bottom + left + right > 0,
    o: w[0]! / groups,
    k: w[1]! * w[2]! * w[3]!,
    pixels: y[0]! * y[2]! * y[3]!,
  };
}

/** Bytes that any of the plans below allocates, at most. */
export function convBytes({ kernels }: Simd, a: ConvAttrs): number {
  const g = geometryOf(a);
  const image = g.padded ? g.n * g.channels * g.ph * g.pw : 0;
  return 4 * (image + 4 * g.k + 2 * g.o + 2 * g.pixels) + kernels.gemmScratch() + 12 * 16;
}

/** Tables of one geometry, and the steps from group to group in bytes. */
function layOut(simd: Simd, alloc: Alloc, a: ConvAttrs) {
  const g = geometryOf(a);
  const { kernels } = simd;
  const [, cg, r, s] = a.w as [number, number, number, number];
  const [, , p, q] = a.y as [number, number, number, number];
  const taps = alloc(4 * g.k);
  kernels.offsets(taps, cg, 4 * g.ph * g.pw, r, 4 * a.dilation[0] * g.pw, s, 4 * a.dilation[1]);
  const pixels = alloc(4 * g.pixels);
  kernels.offsets(pixels, g.n, 4 * g.channels * g.ph * g.pw, p, 4 * a.stride[0] * g.pw, q, 4 * a.stride[1]);
  const yCol = alloc(4 * g.pixels);
  kernels.offsets(yCol, 1, 0, g.n, 4 * a.w[0]! * p * q, p * q, 4);
  return {
    ...g,
    taps,
    pixelTable: pixels,
    yRow: stepsOf(simd, alloc, g.o, p * q),
    yCol,
    wRow: stepsOf(simd, alloc, g.o, g.k),
    wCol: stepsOf(simd, alloc, g.k, 1),
    xGroup: 4 * cg * g.ph * g.pw,
    wGroup: 4 * g.o * g.k,
    yGroup: 4 * g.o * p * q,
    image: g.padded ? alloc(4 * g.n * g.channels * g.ph * g.pw) : 0,
    scratch: alloc(kernels.gemmScratch()),
  };
}

/** Puts the padding around x where there is any; the address of the images then. */
function pad({ kernels }: Simd, x: Pointer, g: Geometry & { image: Pointer }): Pointer {
  if (!g.padded) return x;
  kernels.padImages(x, g.image, g.n * g.channels, g.h, g.w, g.top, g.left, g.ph, g.pw);
  return g.image;
}

/** Plans y = conv2d(x, w) + bias; a bias [o] of 0 is none. */
export function planConv(simd: Simd, alloc: Alloc, a: ConvAttrs) {
  const t = layOut(simd, alloc, a);
  return (x: Pointer, w: Pointer, y: Pointer, bias: Pointer = 0): void => {
    const image = pad(simd, x, t);
    for (let g = 0; g < a.groups; g++)
      simd.kernels.gemm(
        w + g * t.wGroup, t.wRow, t.wCol, image + g * t.xGroup, t.taps, t.pixelTable, y + g * t.yGroup, t.yRow, t.yCol,
        t.o, t.pixels, t.k, false, bias && bias + 4 * g * t.o, 0, t.scratch,
      ); // prettier-ignore
  };
}

/** Plans dw = conv2dWeight(x, dy), which may be added to what dw holds. */
export function planConvWeight(simd: Simd, alloc: Alloc, a: ConvAttrs) {
  const t = layOut(simd, alloc, a);
  return (x: Pointer, y: Pointer, w: Pointer, accumulate = false): void => {
    const image = pad(simd, x, t);
    for (let g = 0; g < a.groups; g++)
      simd.kernels.gemm(
        image + g * t.xGroup, t.taps, t.pixelTable, y + g * t.yGroup, t.yCol, t.yRow, w + g * t.wGroup, t.wCol, t.wRow,
        t.k, t.o, t.pixels, accumulate, 0, 0, t.scratch,
      ); // prettier-ignore
  };
}

/** Plans dx = conv2dInput(dy, w). */
export function planConvInput(simd: Simd, alloc: Alloc, a: ConvAttrs) {
  const t = layOut(simd, alloc, a);
  const { kernels } = simd;
  const [, cg, r, s] = a.w as [number, number, number, number];
  // Channels vary fastest, so that a tile of the product holds one tap of several planes: where rows of a tile overlapped, each would
  // have to wait for the last.
  const [taps, filterTaps] = [alloc(4 * t.k), alloc(4 * t.k)];
  kernels.offsets(taps, r, 4 * a.dilation[0] * t.pw, s, 4 * a.dilation[1], cg, 4 * t.ph * t.pw);
  kernels.offsets(filterTaps, r, 4 * s, s, 4, cg, 4 * r * s);
  return (y: Pointer, w: Pointer, x: Pointer): void => {
    const image = t.padded ? t.image : x;
    simd.f32().fill(0, image / 4, image / 4 + t.n * t.channels * t.ph * t.pw);
    for (let g = 0; g < a.groups; g++)
      kernels.gemm(
        w + g * t.wGroup, filterTaps, t.wRow, y + g * t.yGroup, t.yRow, t.yCol, image + g * t.xGroup, taps, t.pixelTable,
        t.k, t.pixels, t.o, true, 0, 0, t.scratch,
      ); // prettier-ignore
    if (t.padded) kernels.cropImages(image, x, t.n * t.channels, t.h, t.w, t.top, t.left, t.ph, t.pw);
  };
}
