import { matrices } from '../ops/matmul.js';
import type { Product, ProductTable } from './product.js';

type Constants = ReturnType<typeof matrices>['constants'] & { readonly batches: number };

/** The matrix product, of operands as they lie. */
export const matmul: ProductTable = {
  matmul: (gpu, [x, y], [out]) => {
    const { windows: operands, constants: lie } = matrices(gpu, x!, y!);
    const constants = { ...lie, batches: out!.shape.slice(0, -2).reduce((a, b) => a * b, 1) };
    return { operands, constants, product: () => productOf(constants) };
  },
};

function productOf(constants: Constants): Product {
  const { batches, m, k, n, xAt, xBatch, xRow, xColumn, yAt, yBatch, yRow, yColumn } = constants;
  return {
    batches,
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
  };
}

const byFours = (...lengths: readonly number[]): boolean => lengths.every((length) => length % 4 === 0);
