const rotate = (x: number, bits: number) => (x << bits) | (x >>> (32 - bits));

/**
 * The generator xoshiro128** of Blackman and Vigna (2018) from a state of four words: numbers in
 * 0..2^32 - 1.
 */
export function xoshiro128(s0: number, s1: number, s2: number, s3: number): () => number {
  let [a, b, c, d] = [s0, s1, s2, s3];
  return () => {
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotate(d, 11);
    return result;
  };
}

/** The splitmix32 sequence that spreads one 32-bit word over a generator's state. */
function splitmix32(word: number): () => number {
  let state = word;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return z ^ (z >>> 15);
  };
}

/**
 * A generator of uniform numbers in [0, 1) with 53 random bits, the same on every machine for the
 * same seed.
 *
 * Throws a `RangeError` unless the seed is an integer from 0 to 2^53 - 1.
 */
export function seeded(seed: number): () => number {
  if (!Number.isSafeInteger(seed) || seed < 0) throw new RangeError(`expected a seed in 0..2^53-1, found ${seed}`);
  const low = splitmix32(seed | 0);
  const high = splitmix32(Math.floor(seed / 2 ** 32));
  const next = xoshiro128(low(), low() ^ high(), low(), low() ^ high());
  return () => ((next() >>> 5) * 2 ** 26 + (next() >>> 6)) / 2 ** 53;
}

/** A draw from the standard normal distribution out of two uniform ones (Box and Muller, 1958). */
export function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** A copy of `items` in a uniformly random order (Fisher and Yates). */
export function shuffle<T>(items: readonly T[], random: () => number): T[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [result[i], result[j]] = [result[j]!, result[i]!];
  }
  return result;
}
