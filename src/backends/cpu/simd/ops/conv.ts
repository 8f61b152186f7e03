import { sizeOf } from '../../../../core/shape.js';
import type { View } from '../../../../core/tensor.js';
import { dense, viewOf } from '../../../../core/view.js';
import type { ConvAttrs } from '../../../../ops/conv.js';
import type { Alloc, Simd } from '../wasm/instance.js';
import type { Pointer } from '../wasm/kernels.js';
import { stepsOf } from './matmul.js';
import type { Planned, SimdOp } from './op.js';
import { COLUMNS, planProducts } from '../threads/split-products.js';
import { cut, LEAST_PRODUCTS, performAll, spread } from '../threads/tasks.js';
import type { Order, Task } from '../threads/task.js';

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

/** Bytes of the padded images, none where there is no padding. */
const imageBytes = ({ padded, n, channels, ph, pw }: Geometry): number => (padded ? 4 * n * channels * ph * pw : 0);

/** Bytes of operands and results, and of what a plan of any of the three ops needs, at most. */
function convBytes({ kernels }: Simd, a: ConvAttrs): number {
  const g = geometryOf(a);
  const tables = 4 * (4 * g.k + 2 * g.o + 2 * g.pixels) + 12 * 16;
  return 4 * (sizeOf(a.x) + sizeOf(a.w) + sizeOf(a.y)) + 64 + tables + imageBytes(g) + kernels.gemmScratch();
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
    /** Where the padded images begin in scratch memory, and how much of it a run needs. */
    image: kernels.gemmScratch(),
    scratch: kernels.gemmScratch() + imageBytes(g),
  };
}

type Tables = ReturnType<typeof layOut>;

/** The images with the padding around them, where there is any: in scratch memory. */
function pad(simd: Simd, x: Pointer, scratch: Pointer, t: Tables): Pointer {
  if (!t.padded) return x;
  const { n, channels, h, w, top, left, ph, pw } = t;
  const image = scratch + t.image;
  spread(simd, n * channels, ph * pw, (from, count) => {
    return ['padImages', x + 4 * from * h * w, image + 4 * from * ph * pw, count, h, w, top, left, ph, pw];
  });
  return image;
}

/** y = conv2d(x, w) + bias [o]. */
function planConv(simd: Simd, alloc: Alloc, a: ConvAttrs): Planned {
  const t = layOut(simd, alloc, a);
  const products = planProducts(simd, t.o, t.pixels, t.k, a.groups);
  return {
    scratch: t.scratch,
    run: ([x, w, y], scratch, bias = 0) => {
      const image = pad(simd, x!, scratch, t);
      products(scratch, (multiply) => {
        for (let g = 0; g < a.groups; g++) {
          const [filters, images, out] = [w! + g * t.wGroup, image + g * t.xGroup, y! + g * t.yGroup];
          const own = bias && bias + 4 * g * t.o;
          multiply(filters, t.wRow, t.wCol, images, t.taps, t.pixelTable, out, t.yRow, t.yCol, false, own, 0);
        }
      });
    },
  };
}

/** dw = conv2dWeight(x, dy). */
function planConvWeight(simd: Simd, alloc: Alloc, a: ConvAttrs): Planned {
  const t = layOut(simd, alloc, a);
  const products = planProducts(simd, t.k, t.o, t.pixels, a.groups);
  return {
    scratch: t.scratch,
    run: ([x, y, w], scratch, _, accumulate = false) => {
      const image = pad(simd, x!, scratch, t);
      products(scratch, (multiply) => {
        for (let g = 0; g < a.groups; g++) {
          const [images, dy, out] = [image + g * t.xGroup, y! + g * t.yGroup, w! + g * t.wGroup];
          multiply(images, t.taps, t.pixelTable, dy, t.yCol, t.yRow, out, t.wCol, t.wRow, accumulate, 0, 0);
        }
      });
    },
  };
}

/** dx = conv2dInput(dy, w). */
function planConvInput(simd: Simd, alloc: Alloc, a: ConvAttrs): Planned {
  const t = layOut(simd, alloc, a);
  const { kernels } = simd;
  const [, cg, r, s] = a.w as [number, number, number, number];
  // Channels vary fastest, so that a tile of the product holds one tap of several planes: where
  // rows of a tile overlapped, each would have to wait for the last.
  const [taps, filterTaps] = [alloc(4 * t.k), alloc(4 * t.k)];
  kernels.offsets(taps, r, 4 * a.dilation[0] * t.pw, s, 4 * a.dilation[1], cg, 4 * t.ph * t.pw);
  kernels.offsets(filterTaps, r, 4 * s, s, 4, cg, 4 * r * s);
  const worth = a.groups * t.k * t.pixels * t.o >= LEAST_PRODUCTS;
  // Patches overlap, so sums depend on the order in which the columns of an image come. Images go
  // together as a block of columns holds them, and which of them do does not depend on the number
  // of threads.
  const pixels = a.y[2]! * a.y[3]!;
  const together = Math.max(1, Math.floor(COLUMNS / pixels));
  const blocks = cut(t.n, Math.ceil(t.n / together) || 1);
  return {
    scratch: t.scratch,
    run: ([y, w, x], scratch) => {
      const image = t.padded ? scratch + t.image : x!;
      const tasks = blocks.map(([from, count]): Task => {
        const [planes, col] = [count * t.channels, 4 * from * pixels];
        const [to, result] = [image + 4 * from * t.channels * t.ph * t.pw, x! + 4 * from * t.channels * t.h * t.w];
        const products = Array.from({ length: a.groups }, (_, g): Order => {
          const [filters, dy, images] = [w! + g * t.wGroup, y! + g * t.yGroup, image + g * t.xGroup];
          const operands = [filters, filterTaps, t.wRow, dy, t.yRow, t.yCol + col] as const;
          return ['gemm', ...operands, images, taps, t.pixelTable + col, t.k, count * pixels, t.o, true, 0, 0];
        });
        // Zeros: the padding of images without rows.
        const zeros: Order = ['padImages', 0, to, planes, 0, 0, 0, 0, t.ph, t.pw];
        const crop: Order = ['cropImages', to, result, planes, t.h, t.w, t.top, t.left, t.ph, t.pw];
        return t.padded ? [zeros, ...products, crop] : [zeros, ...products];
      });
      performAll(simd, tasks, worth, scratch);
    },
  };
}

/** The same convolution of some of the images. */
const some = (a: ConvAttrs, count: number): ConvAttrs => ({
  ...a,
  x: [count, ...a.x.slice(1)],
  y: [count, ...a.y.slice(1)],
});

/** Images [from, from + count) of a row-major view. */
function imagesOf(view: View, from: number, count: number): View {
  const size = view.size / view.shape[0]!;
  const shape = [count, ...view.shape.slice(1)];
  return viewOf(dense(view).subarray(from * size, (from + count) * size), shape);
}

/**
 * Cut into some images each: `ofAll` tells which of operands and result, in this order, are the
 * same for all images.
 */
const inImages = (ofAll: number): SimdOp<ConvAttrs>['parts'] => ({
  bytes: (simd, _, __, a) => convBytes(simd, a),
  cut: (simd, limit, ins, [out]: readonly [View], a) => {
    const total = a.x[0]!;
    let images = total;
    while (convBytes(simd, some(a, images)) > limit) {
      if (images <= 1) return undefined;
      images = Math.ceil(images / 2);
    }
    const starts = Array.from({ length: Math.ceil(total / images) }, (_, i) => i * images);
    const rows = ins.map((v) => viewOf(dense(v), v.shape));
    return starts.map((from) => {
      const count = Math.min(images, total - from);
      const part = (v: View, i: number): View => (i === ofAll ? v : imagesOf(v, from, count));
      return {
        attrs: some(a, count),
        ins: rows.map(part),
        outs: [part(out, ins.length)],
        accumulate: ofAll === ins.length && from > 0,
      };
    });
  },
});

type PlanConv = (simd: Simd, alloc: Alloc, a: ConvAttrs) => Planned;
const convOp = (plan: PlanConv, ofAll: number): SimdOp<ConvAttrs> => ({
  operands: 'copied',
  plan: (simd, alloc, _, __, a) => plan(simd, alloc, a),
  work: (_, __, { w, y }) => sizeOf(y) * w[1]! * w[2]! * w[3]!,
  parts: inImages(ofAll),
});

export const conv2d: SimdOp<ConvAttrs> = { ...convOp(planConv, 1), biasAxis: 1 };
export const conv2dWeight = convOp(planConvWeight, 2);
export const conv2dInput = convOp(planConvInput, 1);
