/** `C(n, k)`, exact while the result times k is below 2^53; 0 when k is outside 0..n. */
export function binomial(n: number, k: number): number {
  if (k < 0 || k > n) return 0;
  let product = 1;
  for (let i = 1; i <= k; i++) product = (product * (n - k + i)) / i;
  return product;
}

/**
 * The k-subset of 0, 1, 2, ... that stands at `rank` in colexicographic order, ascending:
 * `rank = sum over i of C(s_i, i + 1)` (the combinadic).
 */
export function subsetAt(rank: number, k: number): number[] {
  const subset = new Array<number>(k);
  let rest = rank;
  for (let i = k; i > 0; i--) {
    let element = i - 1;
    let below = 0; // C(element, i)
    let next = 1; // C(element + 1, i)
    while (next <= rest) {
      below = next;
      element++;
      next = (next * (element + 1)) / (element + 1 - i);
    }
    subset[i - 1] = element;
    rest -= below;
  }
  return subset;
}

/** The rank of an ascending subset: the inverse of `subsetAt`. */
export function subsetRank(subset: readonly number[]): number {
  return subset.reduce((rank, element, i) => rank + binomial(element, i + 1), 0);
}
