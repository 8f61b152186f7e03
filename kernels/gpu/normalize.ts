/** (x - mean)^2 */
export function deviationOf(x: number, mean: number): number {
  return (x - mean) * (x - mean);
}
/** (x - mean) / sqrt(variance + eps) */
export function standardOf(x: number, mean: number, variance: number, eps: number): number {
  return (x - mean) / Math.sqrt(variance + eps);
}
/** r (g - mean - y slope): the cotangent of x under normalize, with the means of g and of g y. */
export function standardGradOf(g: number, y: number, r: number, mean: number, slope: number): number {
  return r * (g - mean - y * slope);
}
