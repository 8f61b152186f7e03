import { divOf } from './elementwise.js';

/** m^2 / (m^2 + eps) as 1 / (1 + (s/m)^2) with s = sqrt(eps); 0 at m = 0. */
export function gateOf(m: number, eps: number): number {
  if (m === 0) return 0.0;
  const ratio = divOf(Math.sqrt(eps), m);
  return 1.0 / (1.0 + ratio * ratio);
}

/**
 * g times 2 m eps / (m^2 + eps)^2, written so that neither square overflows; 0 at m = 0 and at eps
 * = 0.
 */
export function gateGradOf(g: number, m: number, eps: number): number {
  if (m === 0) return g * 0.0;
  if (eps === 0) return g * 0.0;
  const s = Math.sqrt(eps);
  const a = divOf(m, s);
  return g * ((2.0 / s / (1.0 + a * a)) * (1.0 / (1.0 / a + a)));
}
