/** A product of matrices [m,k] x [k,n]. */
export type Product = readonly [m: number, k: number, n: number];

/**
 * What one run of a case costs, counted from shapes: products of matrices, or bytes that must cross
 * memory.
 */
export type Work = { readonly products: readonly Product[] } | { readonly bytes: number };

/** 2 m k n, summed over all products. */
export const flopsOf = (products: readonly Product[]): number =>
  products.reduce((sum, [m, k, n]) => sum + 2 * m * k * n, 0);

/**
 * The product of matrices that each direction of a 3x3 convolution with padding 1 is: images
 * [n,c,h,w] through filters [o,c,3,3].
 */
export const convProducts = (n: number, c: number, h: number, w: number, o: number) => ({
  forward: [o, 9 * c, n * h * w] as Product,
  input: [9 * c, o, n * h * w] as Product,
  weight: [o, n * h * w, 9 * c] as Product,
});

const upTo = (n: number, multiple: number): number => Math.ceil(n / multiple) * multiple;

/**
 * The product with its rows padded to sixes and its columns to eights, transposed where that pads
 * less.
 */
export function padded([m, k, n]: Product): Product {
  const [plain, turned]: Product[] = [
    [upTo(m, 6), k, upTo(n, 8)],
    [upTo(n, 6), k, upTo(m, 8)],
  ];
  return flopsOf([plain!]) <= flopsOf([turned!]) ? plain! : turned!;
}

/** GFLOP/s or GB/s, from an amount of flops or bytes and a time in ms. */
export const perSecond = (amount: number, ms: number): number => amount / ms / 1e6;
