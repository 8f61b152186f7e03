import { add, fromTypedArray, matmul, mean, randomNormal, splitKey, square, sub, type Tensor } from 'bigrad';

export const [FEATURES, USEFUL] = [40, 8];

/** Features [n,FEATURES] and what is measured, [n]. */
export interface Points {
  readonly x: Tensor;
  readonly y: Tensor;
}
/** The mean squared error of a linear model. */
export const error = (w: Tensor, { x, y }: Points): Tensor => mean(square(sub(matmul(x, w), y)));

/** Points of y = x w + noise, where the first features matter and the others do not. */
export function points(key: Tensor, n: number): Points {
  const [k1, k2] = splitKey(key);
  const truth = fromTypedArray(
    Float32Array.from({ length: FEATURES }, (_, i) => (i < USEFUL ? 1 : 0)),
    [FEATURES],
  );
  const x = randomNormal(k1, [n, FEATURES]);
  return { x, y: add(matmul(x, truth), randomNormal(k2, [n])) };
}
