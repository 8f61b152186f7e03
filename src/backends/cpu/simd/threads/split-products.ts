import type { Simd } from '../wasm/instance.js';
import type { Pointer } from '../wasm/kernels.js';
import { cut, LEAST_PRODUCTS } from './tasks.js';
import type { Task } from './task.js';

/**
 * Columns that the kernel takes at once: it packs all of A for each such block, so that cuts
 * between them cost nothing.
 */
export const COLUMNS = 512;

/** C = A B + biases, added to C where `accumulate`, with operands as in kernels/simd/gemm.ts. */
type Multiply = (
  a: Pointer,
  aRow: Pointer,
  aCol: Pointer,
  b: Pointer,
  bRow: Pointer,
  bCol: Pointer,
  c: Pointer,
  cRow: Pointer,
  cCol: Pointer,
  accumulate: boolean,
  rowBias: Pointer,
  colBias: Pointer,
) => void;

/**
 * Plans `count` products [m,k] times [k,n] that do not depend on one another. What it returns lets
 * `all` call `multiply` for each, and returns when all are made; `scratch` is `gemmScratch()` long.
 * Threads share the longer side of a result, since each packs all that it needs of either operand.
 */
export function planProducts(simd: Simd, m: number, n: number, k: number, count = 1) {
  const { kernels, team } = simd;
  const multiplyAll = (scratch: Pointer, all: (multiply: Multiply) => void): void => {
    all((a, aRow, aCol, b, bRow, bCol, c, cRow, cCol, accumulate, rowBias, colBias) => {
      kernels.gemm(a, aRow, aCol, b, bRow, bCol, c, cRow, cCol, m, n, k, accumulate, rowBias, colBias, scratch);
    });
  };
  if (!team || count * m * n * k < LEAST_PRODUCTS) return multiplyAll;

  // Of each product: one for every thread, none where there are products enough, or so many that
  // all threads come out even.
  const { threads } = team;
  const parts = count === 1 ? threads : count % threads === 0 ? 1 : Math.ceil((2 * threads) / count);
  const rows = cut(m, n < m ? parts : 1, 2);
  const columns = cut(n, n < m ? 1 : parts * Math.ceil(n / parts / COLUMNS), 8);
  const tasksOf = (...[a, aRow, aCol, b, bRow, bCol, c, cRow, cCol, , rowBias, colBias]: Parameters<Multiply>) =>
    rows.flatMap(([i, height]) =>
      columns.map(([j, width]): Task => {
        const [row, col] = [4 * i, 4 * j];
        const sizes = [height, width, k] as const;
        const biases = [rowBias && rowBias + row, colBias && colBias + col] as const;
        const operands = [a, aRow + row, aCol, b, bRow, bCol + col] as const;
        return [['gemm', ...operands, c, cRow + row, cCol + col, ...sizes, false, ...biases]];
      }),
    );
  return (scratch: Pointer, all: (multiply: Multiply) => void): void => {
    const tasks: Task[] = [];
    all((...operands) => {
      const accumulates = operands[9];
      // A task may be made twice, so that what accumulates is none.
      if (accumulates)
        multiplyAll(scratch, (multiply) => {
          multiply(...operands);
        });
      else tasks.push(...tasksOf(...operands));
    });
    if (tasks.length > 0) team.run(tasks);
  };
}
