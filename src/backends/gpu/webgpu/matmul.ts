import { matrices } from '../ops/matmul.js';
import type { ProductTable } from './product.js';

/** The matrix product, of operands as they lie. */
export const matmul: ProductTable = {
  matmul: (gpu, [x, y], [out]) => {
    const { windows: operands, constants } = matrices(gpu, x!, y!);
    const { m, k, n, xRow, xColumn, yRow, yColumn } = constants;
    const product = {
      batches: out!.shape.slice(0, -2).reduce((a, b) => a * b, 1),
      rows: m,
      columns: n,
      depth: k,
      left: {
        argument: 0,
        at: 'return xAt + batch * xBatch + row * xRow + p * xColumn;',
        deep: Math.abs(xColumn) <= Math.abs(xRow),
      },
      right: {
        argument: 1,
        at: 'return yAt + batch * yBatch + p * yRow + column * yColumn;',
        deep: Math.abs(yRow) < Math.abs(yColumn),
      },
      place: 'return (batch * rows + row) * columns + column;',
      constants,
    } as const;
    return { product, operands };
  },
};
