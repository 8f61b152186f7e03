import type { Launcher } from '../engine/launcher.js';
import type { Entry, EntryTable } from '../ops/entry.js';
import { chooseTiling } from './choose-tiling.js';
import { conv } from './conv.js';
import { gemmOf, multiply, workOf, type Gemm } from './gemm.js';
import { matmul } from './matmul.js';
import type { Product, ProductOf } from './product.js';

/** Products whose shaders are kept. */
const PRODUCTS = 1024;

/**
 * Entries that run products by shaders of our own where a workgroup has `leastWork` multiplications
 * to do, and by `others` elsewhere.
 */
export function products(others: EntryTable, leastWork: number): EntryTable {
  const known = new Map<string, Gemm | null>();
  const gemmFor = (gpu: Launcher, key: string, product: () => Product): Gemm | null => {
    let gemm = known.get(key);
    if (gemm !== undefined) return gemm;
    if (known.size >= PRODUCTS) known.clear();
    gemm = write(gpu, key, product(), leastWork);
    known.set(key, gemm);
    return gemm;
  };
  const entry =
    (name: string, productOf: ProductOf): Entry =>
    (gpu, ins, outs, attrs) => {
      const { operands, constants, product } = productOf(gpu, ins, outs, attrs);
      const gemm = gemmFor(gpu, `${name} ${Object.values(constants).join()}`, product);
      return gemm ? [multiply(gpu, gemm, operands, outs[0]!.shape)] : others[name]!(gpu, operands, outs, attrs);
    };
  const table = Object.entries<ProductOf>({ ...matmul, ...conv });
  return Object.fromEntries(table.map(([name, productOf]) => [name, entry(name, productOf)]));
}

/** Writes the shader of a product; null where its workgroups would have too little to do. */
function write(gpu: Launcher, key: string, product: Product, leastWork: number): Gemm | null {
  const tiling = chooseTiling(product, gpu.engine.limits['maxComputeWorkgroupStorageSize']!);
  return workOf(product, tiling) < leastWork ? null : gemmOf(key, product, tiling);
}
