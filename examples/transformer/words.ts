import { cast, concat, flip, full, randomUniform, type Tensor } from 'bigrad';

/** The letters, and the mark between a word and what follows it. */
export const ALPHABET = 'abcdefghijklmnopqrstuvwxyz|';
export const [LETTERS, SYMBOLS] = [8, ALPHABET.length];
export const [READ, TEXT] = [2 * LETTERS, 2 * LETTERS + 1]; // the last letter is written, and not read

/** Random words, a mark, and the words backwards: [n,TEXT]. */
export function sentences(key: Tensor, n: number): Tensor {
  const word = cast(randomUniform(key, [n, LETTERS], { low: 0, high: 26 }), 'int32');
  return concat([word, full([n, 1], ALPHABET.indexOf('|'), { dtype: 'int32' }), flip(word, 1)], 1);
}

/** The text of some tokens. */
export const textOf = (tokens: Iterable<number>): string => Array.from(tokens, (t) => ALPHABET[t]).join('');

/** Whether what follows the mark is the word backwards. */
export const isRight = (text: string): boolean => text === Array.from(text).reverse().join('');
