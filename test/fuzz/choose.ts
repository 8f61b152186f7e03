import { randomWords } from '../../src/core/random.js';

/** A choice from 0 .. below - 1. */
export type Choose = (below: number) => number;

/** Choices that depend on nothing but the seed and the number of the case. */
export function chooser(seed: number, n: number): Choose {
  const words = randomWords([seed, n], 128);
  let at = 0;
  return (below) => (words[at++]! >>> 0) % below;
}

/** One of a list. */
export const pick = <T>(choose: Choose, list: readonly T[]): T => list[choose(list.length)]!;
