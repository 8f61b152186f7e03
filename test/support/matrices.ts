import { add, eye, flip, fromTypedArray, matmul, mul, transpose, type Backend, type Tensor } from 'bigrad';

// Matrices for tests of linear algebra.

/** Sizes on either side of blocks: of tiles, panels, halves and blocks of reflections. */
export const sizes = [1, 2, 3, 5, 8, 9, 16, 17, 31, 33, 64, 65, 100];

/** Numbers between -1 and 1 that look like chance. */
export function numbers(count: number, seed: number): Float64Array {
  let state = 1 + seed;
  return Float64Array.from({ length: count }, () => {
    state = (state * 48271) % 2147483647;
    return (2 * state) / 2147483647 - 1;
  });
}
export type Draw = (shape: readonly number[], seed: number) => Tensor;
export const drawOn =
  (device: Backend, dtype: 'float64' | 'float32'): Draw =>
  (shape, seed) => {
    const data = numbers(
      shape.reduce((a, b) => a * b, 1),
      seed,
    );
    return fromTypedArray(dtype === 'float64' ? data : Float32Array.from(data), [...shape], { device });
  };
export const swap = (x: Tensor): Tensor =>
  transpose(x, [...x.shape.keys()].slice(0, -2).concat(x.shape.length - 1, x.shape.length - 2));
/** Symmetric matrices whose eigenvalues are above 0. */
export const definite = (x: Tensor): Tensor =>
  add(matmul(x, swap(x)), eye(x.shape.at(-1)!, { dtype: x.dtype as 'float64', device: x.device }));

/** Matrices of no small pivots, each of which lies in another row than its column. */
export const regular = (x: Tensor): Tensor => {
  const n = x.shape.at(-1)!;
  return flip(add(x, mul(eye(n, { dtype: x.dtype as 'float64', device: x.device }), 1 + Math.sqrt(n))), -1);
};
/** Of x a triangle with a diagonal of about 1, and NaN where it should not be read. */
export function triangle(x: Tensor, lower: boolean, unit: boolean): Tensor {
  const n = x.shape[0]!;
  const data = Array.from(x.readSync(), (v, k) => {
    const [i, j] = [Math.floor(k / n), k % n];
    const counts = lower ? i > j : i < j;
    return counts ? v / n : i === j && !unit ? 1 + v / 2 : NaN;
  });
  const made = x.dtype === 'float64' ? Float64Array.from(data) : Float32Array.from(data);
  return fromTypedArray(made, [n, n], { device: x.device });
}
