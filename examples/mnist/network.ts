import { conv, flatten, linear, maxPool2d, relu, sequential } from 'bigrad/nn';

/** Images [n,1,28,28] into logits [n,10]. */
export const network = sequential([
  conv(1, 8, 5, { padding: 2 }), // [n,8,28,28]
  relu,
  (x) => maxPool2d(x, 2),
  conv(8, 16, 5), // [n,16,10,10]
  relu,
  (x) => maxPool2d(x, 2),
  flatten,
  linear(16 * 5 * 5, 10),
]);
