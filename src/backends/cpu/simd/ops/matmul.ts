import { sizeOf } from '../../../../core/shape.js';
import type { Spec, View } from '../../../../core/tensor.js';
import { offsetsOf, stridedView } from '../../../../core/view.js';
import type { Alloc, Simd } from '../wasm/instance.js';
import type { Pointer } from '../wasm/kernels.js';
import { planProducts } from '../threads/split-products.js';
import { cut } from '../threads/tasks.js';
import { halved, type Matched } from './batches.js';
import { planDoubles } from './doubles.js';
import type { Layout, SimdOp } from './op.js';

/** x [m,k] times y [k,n]; strides [row, column] in elements. */
export interface MatmulShape {
  readonly m: number;
  readonly k: number;
  readonly n: number;
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
}

/** What a product may add: a bias of each row [m] or column [n], or what `out` already holds. */
export interface Epilogue {
  readonly rowBias?: Pointer;
  readonly colBias?: Pointer;
  readonly accumulate?: boolean;
}

/** A table of the byte offsets of `count` elements, `step` elements apart. */
export function stepsOf({ kernels }: Simd, alloc: Alloc, count: number, step: number): Pointer {
  const table = alloc(4 * count);
  kernels.offsets(table, 1, 0, 1, 0, count, 4 * step);
  return table;
}

/** Where the matrices of a batch lie, in elements from the first one's place. */
export interface Batch {
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
}
const single: Batch = { x: [0], y: [0] };

/**
 * Lays out tables for one shape; what it returns multiplies matrices at any addresses into a
 * row-major `out` [...batch,m,n], with `gemmScratch()` bytes of scratch memory.
 */
export function planMatmul(simd: Simd, alloc: Alloc, { m, k, n, x, y }: MatmulShape, batch = single) {
  const [xRow, xCol] = [stepsOf(simd, alloc, m, x[0]), stepsOf(simd, alloc, k, x[1])];
  const [yRow, yCol] = [stepsOf(simd, alloc, k, y[0]), stepsOf(simd, alloc, n, y[1])];
  const [outRow, outCol] = [stepsOf(simd, alloc, m, n), stepsOf(simd, alloc, n, 1)];
  const count = batch.x.length;
  const products = planProducts(simd, m, n, k, count);
  return (
    xAt: Pointer,
    yAt: Pointer,
    out: Pointer,
    scratch: Pointer,
    { rowBias = 0, colBias = 0, accumulate = false }: Epilogue = {},
  ): void => {
    products(scratch, (multiply) => {
      for (let i = 0; i < count; i++) {
        const [a, b, c] = [xAt + 4 * batch.x[i]!, yAt + 4 * batch.y[i]!, out + 4 * i * m * n];
        multiply(a, xRow, xCol, b, yRow, yCol, c, outRow, outCol, accumulate, rowBias, colBias);
      }
    });
  };
}

/** Offsets of the matrices of a batch, from the first one. */
const lead = ({ shape, stride }: View): Int32Array => offsetsOf(shape.slice(0, -2), stride.slice(0, -2), 0);
const matrixStrides = ({ stride }: View) => stride.slice(-2) as [number, number];
const sizesOf = (x: View, y: View) => {
  const [m, k] = x.shape.slice(-2) as [number, number];
  return { m, k, n: y.shape.at(-1)! };
};

export const matmul: SimdOp<null> = {
  operands: 'any',
  doubles: true,
  biasAxis: -1,
  plan: (simd, alloc, [left, right]: readonly [Layout, Layout]) => {
    if (left.dtype === 'float64') return planDoubles(simd, left, right);
    const [x, y] = [left.view, right.view];
    const shape = { ...sizesOf(x, y), x: matrixStrides(x), y: matrixStrides(y) };
    const multiply = planMatmul(simd, alloc, shape, { x: lead(x), y: lead(y) });
    return {
      scratch: simd.kernels.gemmScratch(),
      run: ([xAt, yAt, out], scratch, colBias = 0) => {
        multiply(xAt!, yAt!, out!, scratch, { colBias });
      },
    };
  },
  work: ([x], [out]) => sizeOf(out!.shape) * x!.shape.at(-1)!,
  parts: {
    bytes: (_, ins, outs) => bytesOf(ins, outs),
    cut: (_, limit, ins, outs) => {
      const fits = (part: Matched): boolean => bytesOf(part.ins, part.outs) <= limit;
      const parts = halved({ ins, outs, first: 0 }, fits).map((part) => (fits(part) ? [part] : blocks(limit, part)));
      return parts.every((some) => some !== undefined)
        ? parts.flat().map((part) => ({ ins: part.ins, outs: part.outs, attrs: null }))
        : undefined;
    },
  },
};

/** Twice: of a view, the memory between its elements comes along. */
const bytesOf = ([x, y]: readonly View[], [out]: readonly Spec[]): number =>
  x!.data.BYTES_PER_ELEMENT * (2 * (x!.size + y!.size) + sizeOf(out!.shape));

/** A product of two matrices in blocks of at most `limit` bytes; undefined where one takes more. */
function blocks(limit: number, { ins: [x, y], outs: [out] }: Matched): Omit<Matched, 'first'>[] | undefined {
  const { m, k, n } = sizesOf(x!, y!);
  let [rows, columns] = [m, n];
  while (x!.data.BYTES_PER_ELEMENT * (2 * k * (rows + columns) + rows * columns) > limit) {
    if (rows >= columns) rows = Math.ceil(rows / 2);
    else columns = Math.ceil(columns / 2);
    if (rows * columns === 1) return undefined;
  }
  const [xStride, yStride] = [matrixStrides(x!), matrixStrides(y!)];
  return cut(n, Math.ceil(n / columns), 1).flatMap(([j, width]) =>
    cut(m, Math.ceil(m / rows), 1).map(([i, height]) => ({
      ins: [
        stridedView(x!, [height, k], xStride, x!.offset + i * xStride[0]),
        stridedView(y!, [k, width], yStride, y!.offset + j * yStride[1]),
      ],
      outs: [stridedView(out!, [height, width], [n, 1], out!.offset + i * n + j)],
    })),
  );
}
