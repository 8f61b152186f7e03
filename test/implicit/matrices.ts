import fc from 'fast-check';
import { add, eye, matmul, reshape, transpose, type Tensor } from 'bigrad';
import { double, tensors } from '../support/numbers.js';

/** v -> A v for vectors. */
export const times =
  (a: Tensor) =>
  (v: Tensor): Tensor =>
    reshape(matmul(a, reshape(v, [-1, 1])), [-1]);

/** L L' + I: symmetric and positive definite whatever L is. */
export const positive = (l: Tensor): Tensor => add(matmul(l, transpose(l)), eye(l.shape[0]!, double));

/** Matrices [n, n] near the identity, so that every method solves with them; and vectors. */
export const systems = (n: number): fc.Arbitrary<{ l: Tensor; b: Tensor; g: Tensor }> =>
  fc.record({
    l: tensors(
      [n, n],
      fc.integer({ min: -12, max: 12 }).map((k) => k / (16 * n)),
    ),
    b: tensors([n]),
    g: tensors([n]),
  });
