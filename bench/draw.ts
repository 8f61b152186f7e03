import { randomKey, randomNormal, type Shape, type Tensor } from 'bigrad';

const SEED = 2020;

/** A normal tensor that is the same in every run; a different one for each `at`. */
export const draw = (shape: Shape, at = 0): Tensor => randomNormal(randomKey(SEED + at), shape);

/** Bytes of `count` float32 or int32 elements. */
export const bytes = (...counts: number[]): { bytes: number } => ({ bytes: 4 * counts.reduce((a, b) => a + b, 0) });
