import type { Spec } from '../../../core/tensor.js';
import type { Entry, EntryTable } from '../entry.js';
import type { Launcher } from '../launcher.js';
import type { Window } from '../memory.js';
import { conv } from './conv.js';
import { multiply, workOf, type Product } from './gemm.js';
import { matmul } from './matmul.js';

/** An op as a product, and what it is a product of. */
export type ProductOf = (
  gpu: Launcher,
  ins: readonly Window[],
  outs: readonly Spec[],
  // As with entries, each knows the attributes of its op.
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  attrs: any,
) => { readonly product: Product; readonly operands: readonly Window[] };

export type ProductTable = Readonly<Record<string, ProductOf>>;

/** Entries that run products by shaders of our own where a workgroup has `leastWork` multiplications to do, and by `others` elsewhere. */
export const products = (others: EntryTable, leastWork: number): EntryTable =>
  Object.fromEntries(
    Object.entries<ProductOf>({ ...matmul, ...conv }).map(([name, productOf]): [string, Entry] => [
      name,
      (gpu, ins, outs, attrs) => {
        const { product, operands } = productOf(gpu, ins, outs, attrs);
        if (workOf(product) < leastWork) return others[name]!(gpu, ins, outs, attrs);
        return [multiply(gpu, product, operands, outs[0]!.shape)];
      },
    ]),
  );
