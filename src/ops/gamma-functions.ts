// Functions of one element around the gamma function, in double precision.

/** B_2, B_4, ... B_20, of the expansions in 1 / x. */
const BERNOULLI = [
  1 / 6,
  -1 / 30,
  1 / 42,
  -1 / 30,
  5 / 66,
  -691 / 2730,
  7 / 6,
  -3617 / 510,
  43867 / 798,
  -174611 / 330,
];
/** From here on the expansions hold to the last digits. */
const FAR = 12;

/**
 * The Hurwitz zeta function, the sum of (x + k)^-s over k = 0, 1, ..., for s > 1 and x > 0: terms
 * up to x + k = 12, and Euler and Maclaurin's formula for the rest (DLMF 25.11.5). NaN below 0.
 */
export function zeta(s: number, x: number): number {
  if (!(x > 0)) return x === 0 ? Infinity : NaN;
  if (x === Infinity) return 0;
  let total = 0;
  let at = x;
  for (; at < FAR; at++) total += at ** -s;
  const power = at ** -s;
  let rest = at * (power / (s - 1)) + power / 2;
  let factor = (s * power) / at / 2; // s (s+1) ... (s+2j-2) / (2j)! at^(-s-2j+1)
  for (let j = 1; j <= BERNOULLI.length; j++) {
    rest += BERNOULLI[j - 1]! * factor;
    factor *= (((s + 2 * j - 1) / at) * ((s + 2 * j) / at)) / ((2 * j + 1) * (2 * j + 2));
  }
  return total + rest;
}

/** 1 - Euler's constant, the slope of log gamma at 2. */
const SLOPE = 0.42278433509846714;
/** (zeta(k) - 1) (-1)^k / k from k = 2 on: log gamma around 2 (DLMF 5.7.3). */
const AROUND_2 = Array.from({ length: 28 }, (_, i) => ((-1) ** i * zeta(i + 2, 2)) / (i + 2));

/** log gamma(2 + z) for |z| at most 1/2. */
function around2(z: number): number {
  let series = 0;
  for (let k = AROUND_2.length - 1; k >= 0; k--) series = AROUND_2[k]! + z * series;
  return z * (SLOPE + z * series);
}

/** log |gamma(x)|: a series around 1 and 2, Stirling's far above, and reflection below 1/2. */
export function lgamma(x: number): number {
  if (x === -Infinity) return Infinity;
  if (x < 0.5) {
    if (Math.abs(x) < 1e-300) return -Math.log(Math.abs(x)); // x (1 - x) pi / sin(pi x) is 1 here
    if (x > 0) return lgamma(x + 1) - Math.log(x);
    return Number.isInteger(x) ? Infinity : Math.log(Math.PI / Math.abs(sinPi(x))) - lgamma(1 - x);
  }
  if (x < 1.5) return around2(x - 1) - Math.log1p(x - 1);
  if (x < FAR) {
    let product = 1;
    let at = x;
    for (; at > 2.5; at--) product *= at - 1;
    return around2(at - 2) + Math.log(product);
  }
  if (x === Infinity) return x;
  let series = 0;
  for (let j = BERNOULLI.length; j > 0; j--) series = BERNOULLI[j - 1]! / (2 * j * (2 * j - 1)) + series / x / x;
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + series / x;
}

/**
 * The derivative of log gamma: log x - 1 / 2x - ... far above, recurrence up to there, and
 * reflection below 0.
 */
export function digamma(x: number): number {
  if (x === 0) return -1 / x; // as in PyTorch
  if (x < 0) return Number.isInteger(x) || x === -Infinity ? NaN : digamma(1 - x) - Math.PI / tanPi(x);
  let total = 0;
  let at = x;
  for (; at < FAR; at++) total -= 1 / at;
  if (at === Infinity) return at;
  let series = 0;
  for (let j = BERNOULLI.length; j > 0; j--) series = BERNOULLI[j - 1]! / (2 * j) + series / at / at;
  return total + (Math.log(at) - 1 / (2 * at) - series / at / at);
}

/** x without its nearest integer, which sines of pi x repeat but for their sign. */
const reduced = (x: number): number => x - Math.round(x);
const sinPi = (x: number): number => Math.sin(Math.PI * reduced(x));
const tanPi = (x: number): number => Math.tan(Math.PI * reduced(x));
