/**
 * Threefry-2x32 with 20 rounds (Salmon, Moraes, Dror and Shaw 2011, Random123): a counter-based
 * generator, so a stream depends on nothing but its key. All arithmetic is on 32-bit integers and
 * the same everywhere.
 */
export function threefry(k0: number, k1: number, x0: number, x1: number): [number, number] {
  const keys = [k0, k1, k0 ^ k1 ^ 0x1bd11bda];
  const rotations = [13, 15, 26, 6, 17, 29, 16, 24];
  let a = (x0 + k0) | 0;
  let b = (x1 + k1) | 0;
  for (let round = 0; round < 20; round++) {
    a = (a + b) | 0;
    const r = rotations[round % 8]!;
    b = ((b << r) | (b >>> (32 - r))) ^ a;
    if (round % 4 === 3) {
      const step = (round + 1) / 4;
      a = (a + keys[step % 3]!) | 0;
      b = (b + keys[(step + 1) % 3]! + step) | 0;
    }
  }
  return [a, b];
}

/** The first `count` words of a key's stream: those of counter blocks (0, 0), (1, 0), ... */
export function randomWords(key: ArrayLike<number>, count: number): Int32Array {
  const words = new Int32Array(count + (count % 2));
  for (let i = 0; i < words.length; i += 2) {
    const [a, b] = threefry(key[0]!, key[1]!, i >> 1, 0);
    words[i] = a;
    words[i + 1] = b;
  }
  return words.subarray(0, count);
}

/** A uniform number in [0, 1) on a grid of 2^-24, from one word: exact in float32. */
export const uniform24 = (word: number): number => (word >>> 8) * 2 ** -24;

/** A uniform number in [0, 1) on a grid of 2^-53, from two words. */
export const uniform53 = (a: number, b: number): number => ((a >>> 5) * 2 ** 26 + (b >>> 6)) * 2 ** -53;

/**
 * The natural logarithm for 0 < x < 1 from arithmetic alone, so that it is the same on every
 * machine: 2 artanh((x-1)/(x+1)).
 */
function log(x: number): number {
  let halvings = 0;
  for (; x < Math.SQRT1_2; x *= 2) halvings++;
  const s = (x - 1) / (x + 1);
  let sum = 0;
  for (let n = 25; n > 0; n -= 2) sum = sum * s * s + 1 / n;
  return 2 * s * sum - halvings * Math.LN2;
}

const ratio = (r: number, top: readonly number[], bottom: readonly number[]): number =>
  top.reduceRight((s, c) => s * r + c, 0) / bottom.reduceRight((s, c) => s * r + c, 0);

/**
 * The normal quantile function to about 1e-16 (Wichura 1988, algorithm AS 241, PPND16), for 0 < p <
 * 1.
 */
export function normalQuantile(p: number): number {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) return q * ratio(0.180625 - q * q, ...central);
  const r = Math.sqrt(-log(q < 0 ? p : 1 - p));
  return Math.sign(q) * (r <= 5 ? ratio(r - 1.6, ...middle) : ratio(r - 5, ...tail));
}

type Coefficients = readonly [readonly number[], readonly number[]];
const central: Coefficients = [
  [
    3.387132872796366608, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125, 45921.953931549871457,
    67265.770927008700853, 33430.575583588128105, 2509.0809287301226727,
  ],
  [
    1, 42.313330701600911252, 687.1870074920579083, 5394.1960214247511077, 21213.794301586595867, 39307.89580009271061,
    28729.085735721942674, 5226.495278852854561,
  ],
];
const middle: Coefficients = [
  [
    1.42343711074968357734, 4.6303378461565452959, 5.7694972214606914055, 3.64784832476320460504,
    1.27045825245236838258, 0.24178072517745061177, 0.0227238449892691845833, 7.7454501427834140764e-4,
  ],
  [
    1, 2.05319162663775882187, 1.6763848301838038494, 0.68976733498510000455, 0.14810397642748007459,
    0.0151986665636164571966, 5.475938084995344946e-4, 1.05075007164441684324e-9,
  ],
];
const tail: Coefficients = [
  [
    6.6579046435011037772, 5.4637849111641143699, 1.7848265399172913358, 0.29656057182850489123,
    0.026532189526576123093, 0.0012426609473880784386, 2.71155556874348757815e-5, 2.01033439929228813265e-7,
  ],
  [
    1, 0.59983220655588793769, 0.13692988092273580531, 0.0148753612908506148525, 7.868691311456132591e-4,
    1.8463183175100546818e-5, 1.4215117583164458887e-7, 2.04426310338993978564e-15,
  ],
];
