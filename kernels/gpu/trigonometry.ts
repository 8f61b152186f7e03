import { divOf, expm1Of, expOf, log1pOf, turned } from './elementwise.js';

/** The tangent of x radians, as sines. */
export function tanOf(x: number): number {
  if (Math.abs(x) > 8192) return Math.tan(x);
  return turned(x, 0.0) / turned(x, 1.0);
}
/** The arc tangent, by thirds of its range and a polynomial (Cephes). */
export function atanOf(x: number): number {
  let z = Math.abs(x);
  let from = 0.0;
  if (z > 2.414213562373095) {
    from = 1.5707963267948966;
    z = -1.0 / z;
  } else if (z > 0.4142135623730951) {
    from = 0.7853981633974483;
    z = (z - 1.0) / (z + 1.0);
  }
  const s = z * z;
  const series = ((8.05374449538e-2 * s - 1.38776856032e-1) * s + 1.99777106478e-1) * s - 3.33329491539e-1;
  const angle = from + (series * s * z + z);
  if (x < 0) return -angle;
  return angle;
}
/** The angle of the point (x, y). */
export function atan2Of(y: number, x: number): number {
  if (y === 0) {
    if (x < 0) return 3.141592653589793;
    return y;
  }
  if (x === 0) {
    if (y > 0) return 1.5707963267948966;
    if (y < 0) return -1.5707963267948966;
    return y;
  }
  const angle = atanOf(divOf(y, x));
  if (x < 0) {
    if (y < 0) return angle - 3.141592653589793;
    return angle + 3.141592653589793;
  }
  return angle;
}
/** The arc sine. */
export function asinOf(x: number): number {
  return atanOf(x / Math.sqrt((1.0 - x) * (1.0 + x)));
}
/** The arc cosine. */
export function acosOf(x: number): number {
  return atan2Of(Math.sqrt((1.0 - x) * (1.0 + x)), x);
}
/** (e^x - e^-x) / 2, by halves of x where e^x is infinite. */
export function sinhOf(x: number): number {
  const a = Math.abs(x);
  const e = expm1Of(a);
  let value = 0.5 * (e + e / (e + 1.0));
  if (a > 80) {
    const half = expOf(0.5 * a);
    value = 0.5 * half * half;
  }
  if (x < 0) return -value;
  return value;
}
/** (e^x + e^-x) / 2, as sinh. */
export function coshOf(x: number): number {
  const half = expOf(0.5 * Math.abs(x));
  const inverse = 1.0 / half;
  return 0.5 * half * half + 0.5 * inverse * inverse;
}
/** log(|x| + sqrt(x^2 + 1)) with the sign of x. */
export function asinhOf(x: number): number {
  const a = Math.abs(x);
  let value = log1pOf(a + (a * a) / (1.0 + Math.sqrt(a * a + 1.0)));
  if (a > 1e9) value = log1pOf(a) + 0.6931471805599453;
  if (x < 0) return -value;
  return value;
}
/** log(x + sqrt(x^2 - 1)), NaN below 1. */
export function acoshOf(x: number): number {
  if (x < 1) return (x - x) / (x - x);
  if (x > 1e9) return log1pOf(x) + 0.6931471805599453;
  const t = x - 1.0;
  return log1pOf(t + Math.sqrt(t * (x + 1.0)));
}
/** log((1 + x) / (1 - x)) / 2, NaN beyond 1. */
export function atanhOf(x: number): number {
  const a = Math.abs(x);
  if (a > 1) return (x - x) / (x - x);
  const value = 0.5 * log1pOf((2.0 * a) / (1.0 - a));
  if (x < 0) return -value;
  return value;
}
