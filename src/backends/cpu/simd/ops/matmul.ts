import type { Alloc, Simd } from '../wasm/instance.js';
import type { Pointer } from '../wasm/kernels.js';
import { planProducts } from '../threads/split-products.js';

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

/** Bytes that `planMatmul` allocates. */
export const matmulBytes = ({ kernels }: Simd, { m, k, n }: MatmulShape): number =>
  8 * (m + k + n) + kernels.gemmScratch() + 6 * 16;

/** Where the matrices of a batch lie, in elements from the first one's place. */
export interface Batch {
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
}
const single: Batch = { x: [0], y: [0] };

/**
 * Lays out tables and scratch memory for one shape; what it returns multiplies matrices at any
 * addresses into a row-major `out` [...batch,m,n].
 */
export function planMatmul(simd: Simd, alloc: Alloc, { m, k, n, x, y }: MatmulShape, batch = single) {
  const [xRow, xCol] = [stepsOf(simd, alloc, m, x[0]), stepsOf(simd, alloc, k, x[1])];
  const [yRow, yCol] = [stepsOf(simd, alloc, k, y[0]), stepsOf(simd, alloc, n, y[1])];
  const [outRow, outCol] = [stepsOf(simd, alloc, m, n), stepsOf(simd, alloc, n, 1)];
  const count = batch.x.length;
  const products = planProducts(simd, alloc, m, n, k, count);
  return (
    xAt: Pointer,
    yAt: Pointer,
    out: Pointer,
    { rowBias = 0, colBias = 0, accumulate = false }: Epilogue = {},
  ) => {
    products((multiply) => {
      for (let i = 0; i < count; i++)
        multiply(
          xAt + 4 * batch.x[i]!,
          xRow,
          xCol,
          yAt + 4 * batch.y[i]!,
          yRow,
          yCol,
          out + 4 * i * m * n,
          outRow,
          outCol,
          accumulate,
          rowBias,
          colBias,
        );
    });
  };
}
