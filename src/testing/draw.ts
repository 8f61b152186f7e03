import { randomWords, uniform53 } from '../core/random.js';

/** A stream of uniform numbers in [-1, 1) from a seed: the same on every machine. */
export function drawer(seed: number): () => number {
  let block = 0;
  let words: Int32Array = new Int32Array(0);
  let at = 0;
  return () => {
    if (at + 1 >= words.length) {
      words = randomWords([seed | 0, block++], 64);
      at = 0;
    }
    const u = uniform53(words[at]!, words[at + 1]!);
    at += 2;
    return 2 * u - 1;
  };
}
