/** Adam's new mean: decay mean + rest g, where rest is 1 - decay before it is rounded. */
export function momentOf(mean: number, g: number, decay: number, rest: number): number {
  return mean * decay + g * rest;
}
/** Adam's new mean of squares: decay square + rest g^2. */
export function secondMomentOf(square: number, g: number, decay: number, rest: number): number {
  return square * decay + g * g * rest;
}
/** p - rate (mean / c1) / (sqrt(square / c2 + epsRoot) + eps): one step from the new moments. */
export function adamOf(
  p: number,
  mean: number,
  square: number,
  rate: number,
  c1: number,
  c2: number,
  eps: number,
  epsRoot: number,
): number {
  return p - (mean / c1 / (Math.sqrt(square / c2 + epsRoot) + eps)) * rate;
}
