/** 1 / (1 + e^-x), without overflow on either side. */
export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
}

/** log(1 + e^x), without overflow. */
export const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/**
 * The error function to about 1e-15: below 3 the all-positive series 2/sqrt(pi) e^(-x^2) sum of 2^n
 * x^(2n+1) / (2n+1)!! (Abramowitz and Stegun 7.1.6), beyond it 1 minus the continued fraction of
 * erfc (7.1.14).
 */
export function erf(x: number): number {
  const a = Math.abs(x);
  if (!(a < 6)) return Math.sign(x); // NaN of NaN
  if (a >= 3) return Math.sign(x) * (1 - erfcFraction(a, 60));
  let term = a;
  let sum = a;
  for (let n = 1; term > sum * 1e-17; n++) {
    term *= (2 * a * a) / (2 * n + 1);
    sum += term;
  }
  return (Math.sign(x) * 2 * Math.exp(-a * a) * sum) / Math.sqrt(Math.PI);
}

/** 1 - erf x by a continued fraction, which needs more terms for a smaller x. */
function erfcFraction(x: number, terms: number): number {
  let fraction = x;
  for (let n = terms; n > 0; n--) fraction = x + n / 2 / fraction;
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / fraction;
}

/**
 * The inverse of the error function: the estimate of Winitzki (2008), to 0.2 %, and two steps of
 * Halley's method, each of which has three times as many digits. Near 1 it compares what is left
 * to 1, which has more digits.
 */
export function erfinv(x: number): number {
  const a = Math.abs(x);
  if (!(a < 1)) return a === 1 ? x * Infinity : NaN;
  if (a < 1e-8) return (x * Math.sqrt(Math.PI)) / 2;
  const l = Math.log1p(-a * a);
  const t = 2 / (Math.PI * 0.147) + l / 2;
  let y = Math.sqrt(-l / 0.147 / (Math.sqrt(t * t - l / 0.147) + t));
  for (let i = 0; i < 2; i++) {
    const above = y < 2 ? erf(y) - a : 1 - a - erfcFraction(y, 120);
    const u = (above * Math.sqrt(Math.PI) * Math.exp(y * y)) / 2;
    y -= u / (1 + y * u);
  }
  return Math.sign(x) * y;
}
