import type { Buffer } from '../../../core/dtype.js';
import { sizeOf } from '../../../core/shape.js';
import type { View } from '../../../core/tensor.js';
import { dense, offsetsOf } from '../../../core/view.js';
import type { ConvAttrs } from '../../../ops/conv.js';
import type { Kernel, KernelTable } from '../loops/kernel.js';
import { convBytes, planConv, planConvInput, planConvWeight } from './ops/conv.js';
import { matmulBytes, planMatmul, type MatmulShape } from './ops/matmul.js';
import { copyIn, copyOut, type Scratch } from './scratch.js';

/**
 * Matrix products and convolutions of float32 by SIMD kernels, through the scratch region that
 * `scratch` makes on first use; from `leastWork` multiply-adds on, since below it copying costs
 * more than it brings.
 */
export const eagerProducts = (scratch: () => Scratch | undefined, leastWork: number): KernelTable => {
  const where =
    (worth: (outs: readonly View[], ins: readonly View[], attrs: ConvAttrs) => number, run: Run): Kernel =>
    (outs, ins, attrs: ConvAttrs) => {
      if (outs[0]!.dtype !== 'float32' || worth(outs, ins, attrs) < leastWork) return false;
      const s = scratch();
      return s !== undefined && run(s, outs[0]!, ins[0]!, ins[1]!, attrs);
    };
  const products = (_: unknown, __: unknown, { w, y }: ConvAttrs) => sizeOf(y) * w[1]! * w[2]! * w[3]!;
  return {
    matmul: where(([out], [x]) => out!.size * x!.shape.at(-1)!, matmul),
    conv2d: where(products, conv),
    conv2dWeight: where(products, convWeight),
    conv2dInput: where(products, convInput),
  };
};

type Run = (scratch: Scratch, out: View, x: View, y: View, attrs: ConvAttrs) => boolean;

/**
 * The memory between the first and the last element of a matrix with its strides, or a dense copy
 * where that memory is much larger.
 */
function matrixOf(data: Buffer, from: number, rows: number, columns: number, strides: readonly [number, number]) {
  const span = (rows - 1) * strides[0] + (columns - 1) * strides[1] + 1;
  if (strides[0] >= 0 && strides[1] >= 0 && span <= 2 * rows * columns)
    return { data: data.subarray(from, from + span), strides };
  const copy = new Float32Array(rows * columns);
  for (let i = 0, at = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) copy[at++] = data[from + i * strides[0] + j * strides[1]]!;
  return { data: copy, strides: [columns, 1] as const };
}

function matmul(scratch: Scratch, out: View, x: View, y: View): boolean {
  const { simd, region, limit } = scratch;
  const rank = x.shape.length;
  const [m, k, n] = [x.shape[rank - 2]!, x.shape[rank - 1]!, y.shape[rank - 1]!];
  let [rows, columns] = [m, n];
  const bytes = () => 4 * (2 * k * (rows + columns) + rows * columns);
  while (bytes() > limit) {
    if (rows >= columns) rows = Math.ceil(rows / 2);
    else columns = Math.ceil(columns / 2);
    if (rows * columns === 1) return false;
  }
  const lead = x.shape.slice(0, rank - 2);
  const [xs, ys] = [x, y].map((v) => offsetsOf(lead, v.stride.slice(0, rank - 2), v.offset)) as [
    Int32Array,
    Int32Array,
  ];
  const [xStride, yStride] = [x, y].map((v) => v.stride.slice(rank - 2)) as [[number, number], [number, number]];
  xs.forEach((from, batch) => {
    for (let j = 0; j < n; j += columns)
      for (let i = 0; i < m; i += rows) {
        const [height, width] = [Math.min(rows, m - i), Math.min(columns, n - j)];
        region.reset();
        const a = matrixOf(x.data, from + i * xStride[0], height, k, xStride);
        const b = matrixOf(y.data, ys[batch]! + j * yStride[1], k, width, yStride);
        const shape: MatmulShape = { m: height, k, n: width, x: a.strides, y: b.strides };
        simd.reserve(
          region.used() + 4 * (a.data.length + b.data.length + height * width) + 64 + matmulBytes(simd, shape),
        );
        const [xAt, yAt, outAt] = [copyIn(scratch, a.data), copyIn(scratch, b.data), region.alloc(4 * height * width)];
        planMatmul(simd, region.alloc, shape)(xAt, yAt, outAt);
        const result = simd.f32().subarray(outAt / 4, outAt / 4 + height * width);
        const to = (batch * m + i) * n + j;
        if (width === n) out.data.set(result, to);
        else for (let r = 0; r < height; r++) out.data.set(result.subarray(r * width, (r + 1) * width), to + r * n);
      }
  });
  return true;
}

/**
 * Runs `each` on as many images at a time as the scratch region may hold; false where it cannot
 * hold one.
 */
function inParts(
  { simd, region, limit }: Scratch,
  a: ConvAttrs,
  each: (part: ConvAttrs, from: number, to: number) => void,
): boolean {
  const some = (count: number): ConvAttrs => ({ ...a, x: [count, ...a.x.slice(1)], y: [count, ...a.y.slice(1)] });
  const bytes = (b: ConvAttrs) => 4 * (sizeOf(b.x) + sizeOf(b.w) + sizeOf(b.y)) + 64 + convBytes(simd, b);
  const total = a.x[0]!;
  let images = total;
  while (bytes(some(images)) > limit) {
    if (images <= 1) return false;
    images = Math.ceil(images / 2);
  }
  for (let from = 0; from < total; from += images) {
    const to = Math.min(total, from + images);
    const part = to - from === total ? a : some(to - from);
    region.reset();
    simd.reserve(region.used() + bytes(part));
    each(part, from, to);
  }
  return true;
}

const conv: Run = (scratch, out, xv, wv, a) => {
  const { simd, region } = scratch;
  const [x, w] = [dense(xv), dense(wv)];
  return inParts(scratch, a, (part, from, to) => {
    const [image, size] = [x.length / a.x[0]!, sizeOf(part.y)];
    const [xAt, wAt, yAt] = [
      copyIn(scratch, x.subarray(from * image, to * image)),
      copyIn(scratch, w),
      region.alloc(4 * size),
    ];
    planConv(simd, region.alloc, part)(xAt, wAt, yAt);
    copyOut(scratch, out.data, yAt, size, (from * size) / (to - from));
  });
};

const convInput: Run = (scratch, out, yv, wv, a) => {
  const { simd, region } = scratch;
  const [y, w] = [dense(yv), dense(wv)];
  return inParts(scratch, a, (part, from, to) => {
    const [image, size] = [y.length / a.x[0]!, sizeOf(part.x)];
    const [yAt, wAt, xAt] = [
      copyIn(scratch, y.subarray(from * image, to * image)),
      copyIn(scratch, w),
      region.alloc(4 * size),
    ];
    planConvInput(simd, region.alloc, part)(yAt, wAt, xAt);
    copyOut(scratch, out.data, xAt, size, (from * size) / (to - from));
  });
};

const convWeight: Run = (scratch, out, xv, yv, a) => {
  const { simd, region } = scratch;
  const [x, y] = [dense(xv), dense(yv)];
  return inParts(scratch, a, (part, from, to) => {
    const [image, output] = [x.length / a.x[0]!, y.length / a.x[0]!];
    const wAt = copyIn(scratch, out.data); // what earlier parts gave, zeros at first
    const xAt = copyIn(scratch, x.subarray(from * image, to * image));
    const yAt = copyIn(scratch, y.subarray(from * output, to * output));
    planConvWeight(simd, region.alloc, part)(xAt, yAt, wAt, true);
    copyOut(scratch, out.data, wAt);
  });
};
