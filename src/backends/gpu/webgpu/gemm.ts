import type { Shape } from '../../../core/shape.js';
import { layout } from '../../plan/layout.js';
import type { Launcher } from '../engine/launcher.js';
import type { Window } from '../engine/memory.js';
import { sumOver } from '../ops/reduce.js';
import { shaderOf } from './gemm-shader.js';
import type { Product } from './product.js';
import type { Tiling } from './tiling.js';

/** The shader of a product, known by a key. */
export interface Gemm {
  readonly key: string;
  readonly code: string;
  readonly groups: number;
  /** Parts of the sums, which are to be added up. */
  readonly slices: number;
}

/** Multiplications for each workgroup: few of them leave most of its threads idle. */
export const workOf = ({ batches, rows, columns, depth }: Product, { tiles }: Tiling): number =>
  (rows * columns * depth * batches) / tiles;

/** The shader of a product that is divided so. */
export const gemmOf = (key: string, product: Product, tiling: Tiling): Gemm => ({
  key,
  code: shaderOf(product, tiling),
  groups: tiling.tiles * tiling.slices,
  slices: tiling.slices,
});

/**
 * A product by one shader. A workgroup makes a tile of the result. It brings the operands into its
 * memory some terms at a time, so that each is read once for a whole tile. Sums that were split are
 * added up afterwards.
 */
export function multiply(gpu: Launcher, gemm: Gemm, operands: readonly Window[], shape: Shape): Window {
  if (gemm.slices === 1) return gpu.shader(gemm, operands, shape);
  const parts = gpu.shader(gemm, operands, [gemm.slices, ...shape]);
  return gpu.memory.window(sumOver(gpu, parts, [0]), layout(shape));
}
