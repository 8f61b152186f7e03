import type { ConvAttrs } from '../../../../ops/conv.js';
import type { Alloc, Simd } from '../wasm/instance.js';
import type { Pointer } from '../wasm/kernels.js';
import { stepsOf } from './matmul.js';
import { COLUMNS, planProducts } from '../threads/split-products.js';
import { cut, LEAST_PRODUCTS, performAll, spread } from '../threads/tasks.js';
import type { Order, Task } from '../threads/team.js';

// With the padding put around the images, the patch matrix [k, n*p*q] needs no copy: its element
// (tap, pixel) lies at taps[tap] + pixels[pixel] bytes from the image's start, and the three ops
// are products of matrices given by such tables,
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
  };
}

/** Puts the padding around x where there is any; the address of the images then. */
function pad(
  simd: Simd,
  x: Pointer,
  { image, padded, n, channels, h, w, top, left, ph, pw }: Geometry & { image: Pointer },
): Pointer {
  if (!padded) return x;
  spread(simd, n * channels, ph * pw, (from, count) => {
    return ['padImages', x + 4 * from * h * w, image + 4 * from * ph * pw, count, h, w, top, left, ph, pw];
  });
  return image;
}

/** Plans y = conv2d(x, w) + bias; a bias [o] of 0 is none. */
export function planConv(simd: Simd, alloc: Alloc, a: ConvAttrs) {
  const t = layOut(simd, alloc, a);
  const products = planProducts(simd, alloc, t.o, t.pixels, t.k, a.groups);
  return (x: Pointer, w: Pointer, y: Pointer, bias: Pointer = 0): void => {
    const image = pad(simd, x, t);
    products((multiply) => {
      for (let g = 0; g < a.groups; g++)
        multiply(
          w + g * t.wGroup,
          t.wRow,
          t.wCol,
          image + g * t.xGroup,
          t.taps,
          t.pixelTable,
          y + g * t.yGroup,
          t.yRow,
          t.yCol,
          false,
          bias && bias + 4 * g * t.o,
          0,
        );
    });
  };
}

/** Plans dw = conv2dWeight(x, dy), which may be added to what dw holds. */
export function planConvWeight(simd: Simd, alloc: Alloc, a: ConvAttrs) {
  const t = layOut(simd, alloc, a);
  const products = planProducts(simd, alloc, t.k, t.o, t.pixels, a.groups);
  return (x: Pointer, y: Pointer, w: Pointer, accumulate = false): void => {
    const image = pad(simd, x, t);
    products((multiply) => {
      for (let g = 0; g < a.groups; g++)
        multiply(
          image + g * t.xGroup,
          t.taps,
          t.pixelTable,
          y + g * t.yGroup,
          t.yCol,
          t.yRow,
          w + g * t.wGroup,
          t.wCol,
          t.wRow,
          accumulate,
          0,
          0,
        );
    });
  };
}

/** Plans dx = conv2dInput(dy, w). */
export function planConvInput(simd: Simd, alloc: Alloc, a: ConvAttrs) {
  const t = layOut(simd, alloc, a);
  const { kernels } = simd;
  const [, cg, r, s] = a.w as [number, number, number, number];
  // Channels vary fastest, so that a tile of the product holds one tap of several planes: where
  // rows of a tile overlapped, each would have to wait for the last.
  const [taps, filterTaps] = [alloc(4 * t.k), alloc(4 * t.k)];
  kernels.offsets(taps, r, 4 * a.dilation[0] * t.pw, s, 4 * a.dilation[1], cg, 4 * t.ph * t.pw);
  kernels.offsets(filterTaps, r, 4 * s, s, 4, cg, 4 * r * s);
  const scratch = alloc(kernels.gemmScratch());
  const worth = a.groups * t.k * t.pixels * t.o >= LEAST_PRODUCTS;
  // Patches overlap, so sums depend on the order in which the columns of an image come. Images go
  // together as a block of columns holds them, and which of them do does not depend on the number
  // of threads.
  const pixels = a.y[2]! * a.y[3]!;
  const together = Math.max(1, Math.floor(COLUMNS / pixels));
  const blocks = cut(t.n, Math.ceil(t.n / together) || 1);
  return (y: Pointer, w: Pointer, x: Pointer): void => {
    const image = t.padded ? t.image : x;
    const tasks = blocks.map(([from, count]): Task => {
      const [planes, col] = [count * t.channels, 4 * from * pixels];
      const [to, result] = [image + 4 * from * t.channels * t.ph * t.pw, x + 4 * from * t.channels * t.h * t.w];
      const products = Array.from({ length: a.groups }, (_, g): Order => [
        'gemm',
        w + g * t.wGroup,
        filterTaps,
        t.wRow,
        y + g * t.yGroup,
        t.yRow,
        t.yCol + col,
        image + g * t.xGroup,
        taps,
        t.pixelTable + col,
        t.k,
        count * pixels,
        t.o,
        true,
        0,
        0,
      ]);
      // Zeros: the padding of images without rows.
      const zeros: Order = ['padImages', 0, to, planes, 0, 0, 0, 0, t.ph, t.pw];
      const crop: Order = ['cropImages', to, result, planes, t.h, t.w, t.top, t.left, t.ph, t.pw];
      return t.padded ? [zeros, ...products, crop] : [zeros, ...products];
    });
    performAll(simd, tasks, worth, scratch);
  };
}
