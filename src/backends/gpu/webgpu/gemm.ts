import type { Shape } from '../../../core/shape.js';
import { layout } from '../../plan/layout.js';
import type { Launcher } from '../engine/launcher.js';
import type { Window } from '../engine/memory.js';
import { sumOver } from '../ops/reduce.js';
import { shaderOf } from './gemm-shader.js';
import type { Product } from './product.js';

const SIDE = 16; // threads along each side of a workgroup
const STEP = 16; // terms in workgroup memory
const ENOUGH = 64; // workgroups that keep a GPU busy
const SLICE = 256; // terms below which a sum is not split

/** Multiplications for each workgroup: few of them leave most of its threads idle. */
export const workOf = (product: Product): number =>
  (product.rows * product.columns * product.depth * product.batches) / tilesOf(product);

const tilesOf = ({ batches, rows, columns }: Product): number =>
  batches * Math.ceil(rows / (perThread(rows) * SIDE)) * Math.ceil(columns / (perThread(columns) * SIDE));

/** Rows, or columns, of the sums that a thread holds. */
const perThread = (length: number): number => (length > 2 * SIDE ? 4 : length > SIDE ? 2 : 1);

/**
 * A product by one shader. A workgroup makes a tile of up to 64 by 64 elements, whose operands it
 * brings into its memory 16 terms at a time, so that each is read once for a whole tile; a thread
 * holds up to 4 by 4 sums. Where tiles are few and sums are long, the sums are split, and added up
 * afterwards.
 */
export function multiply(gpu: Launcher, product: Product, operands: readonly Window[], shape: Shape): Window {
  const { rows, columns, depth } = product;
  const [high, wide] = [perThread(rows), perThread(columns)];
  const tiles = tilesOf(product);
  const slices = Math.max(1, Math.min(Math.ceil(ENOUGH / tiles), Math.floor(depth / SLICE)));
  const part = Math.ceil(depth / slices / STEP) * STEP;
  const code = shaderOf(product, {
    down: SIDE,
    across: SIDE,
    high,
    wide,
    step: STEP,
    ahead: true,
    tiles,
    slices,
    part,
  });
  const groups = tiles * slices;
  if (slices === 1) return gpu.shader({ code, groups }, operands, shape);
  const parts = gpu.shader({ code, groups }, operands, [slices, ...shape]);
  return gpu.memory.window(sumOver(gpu, parts, [0]), layout(shape));
}
