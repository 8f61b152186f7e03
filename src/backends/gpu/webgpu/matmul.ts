import { matrices } from '../ops/matmul.js';
import type { ProductTable } from './product.js';

/** The matrix product, of operands as they lie. */
export const matmul: ProductTable = {
  matmul: (gpu, [x, y], [out]) => {
    const { windows: operands, constants } = matrices(gpu, x!, y!);
    const { m, k, n, xAt, xBatch, xRow, xColumn, yAt, yBatch, yRow, yColumn } = constants;
    const product = {
      batches: out!.shape.slice(0, -2).reduce((a, b) => a * b, 1),
      rows: m,
      columns: n,
      depth: k,
      left: {
        argument: 0,
        line: 'xAt + batch * xBatch + row * xRow',
        term: 'p * xColumn',
        deep: Math.abs(xColumn) <= Math.abs(xRow),
        fours: xRow === 1 && byFours(m, xAt, xBatch, xColumn),
      },
      right: {
        argument: 1,
        line: 'yAt + batch * yBatch + column * yColumn',
        term: 'p * yRow',
        deep: Math.abs(yRow) < Math.abs(yColumn),
        fours: yColumn === 1 && byFours(n, yAt, yBatch, yRow),
      },
      place: '(batch * rows + row) * columns + column',
      fours: byFours(n),
      constants,
    } as const;
    return { product, operands };
  },
};

const byFours = (...lengths: readonly number[]): boolean => lengths.every((length) => length % 4 === 0);
