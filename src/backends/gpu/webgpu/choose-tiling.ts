import { bytesOf, panelsOf } from './panel.js';
import type { Product } from './product.js';
import { tileOf, type Tiling } from './tiling.js';

const SIDE = 16; // threads along each side of a workgroup
const ENOUGH = 256; // workgroups that keep a GPU busy
const TERMS = 64; // of a slice, at least
const [FEWEST, MOST] = [4, 128]; // slices that repay a second launch, and that one launch adds up

/**
 * The tiling of a product by workgroups that have `memory` bytes. A thread holds up to 4 by 4 sums.
 * It holds up to 8 by 8 where such tiles still keep a GPU busy.
 */
export function chooseTiling(product: Product, memory: number): Tiling {
  const coarse = [16, 8]
    .map((step) => divide(product, 8, step))
    .find((tiling) => isBusy(tiling) && bytesOfBoth(product, tiling) <= memory);
  return coarse ?? divide(product, 4, 16);
}

/** Whether tiles are many, and broad enough in both directions. */
const isBusy = ({ tiles, high, wide }: Tiling): boolean => tiles >= ENOUGH && Math.min(high, wide) >= 4;

const bytesOfBoth = (product: Product, tiling: Tiling): number => {
  const [a, b] = panelsOf(product, tiling);
  return bytesOf(a) + bytesOf(b);
};

/**
 * A product in tiles whose threads hold `most` by `most` sums, or fewer where there are few rows or
 * columns. Where tiles are few and sums are long, the sums are split.
 */
export function divide(product: Product, most: number, step: number): Tiling {
  const { batches, rows, columns, depth } = product;
  const grid = { down: SIDE, across: SIDE, high: sumsAlong(rows, most), wide: sumsAlong(columns, most), step };
  const [tall, broad] = tileOf(grid);
  const tiles = batches * Math.ceil(rows / tall) * Math.ceil(columns / broad);
  const wanted = Math.min(Math.ceil(ENOUGH / tiles), Math.floor(depth / TERMS), MOST);
  const part = Math.ceil(depth / (wanted < FEWEST ? 1 : wanted) / step) * step;
  return { ...grid, tiles, slices: Math.ceil(depth / part), part };
}

/** Rows, or columns, of a thread's sums: a power of 2, no more than there is work for. */
const sumsAlong = (length: number, most: number): number =>
  most > 1 && SIDE * (most / 2) >= length ? sumsAlong(length, most / 2) : most;
