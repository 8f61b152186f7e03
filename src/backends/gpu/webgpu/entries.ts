import type { Entry, EntryTable } from '../ops/entry.js';
import { conv } from './conv.js';
import { multiply, workOf } from './gemm.js';
import { matmul } from './matmul.js';
import type { ProductOf } from './product.js';

/**
 * Entries that run products by shaders of our own where a workgroup has `leastWork` multiplications
 * to do, and by `others` elsewhere.
 */
export const products = (others: EntryTable, leastWork: number): EntryTable =>
  Object.fromEntries(
    Object.entries<ProductOf>({ ...matmul, ...conv }).map(([name, productOf]): [string, Entry] => [
      name,
      (gpu, ins, outs, attrs) => {
        const { product, operands } = productOf(gpu, ins, outs, attrs);
        if (workOf(product) < leastWork) return others[name]!(gpu, operands, outs, attrs);
        return [multiply(gpu, product, operands, outs[0]!.shape)];
      },
    ]),
  );
