import fc from 'fast-check';
import { add, exp, matmul, mul, reshape, slice, square, sub, sum, type Tensor } from 'bigrad';
import type { Point } from '../../src/minimize/point.js';
import { f64, tensors, value } from '../support/numbers.js';
import { positive, times } from '../implicit/matrices.js';

const part = (x: Tensor, i: number, n = 1): Tensor => slice(x, [i], [n]);
export const element = (x: Tensor, i: number): Tensor => reshape(part(x, i), []);

/** Rosenbrock's valley of n dimensions; the minimum 0 is at (1, ..., 1). */
export const rosenbrock = (x: Tensor): Tensor => {
  const [a, b] = [part(x, 0, x.size - 1), part(x, 1, x.size - 1)];
  return add(mul(sum(square(sub(b, square(a)))), 100), sum(square(sub(1, a))));
};

/** Beale's function; the minimum 0 is at (3, 1/2). */
export const beale = (v: Tensor): Tensor => {
  const [x, y] = [element(v, 0), element(v, 1)];
  const powers = [y, square(y), mul(y, square(y))];
  return [1.5, 2.25, 2.625].reduce((total, c, i) => add(total, square(sub(c, mul(x, sub(1, powers[i]!))))), mul(x, 0));
};

/** Residuals of Powell's singular function: the Jacobian is singular at the minimum 0. */
export const powell = (v: Tensor): Tensor[] => {
  const [a, b, c, d] = [0, 1, 2, 3].map((i) => element(v, i)) as [Tensor, Tensor, Tensor, Tensor];
  return [
    add(a, mul(b, 10)),
    mul(sub(c, d), Math.sqrt(5)),
    square(sub(b, mul(c, 2))),
    mul(square(sub(a, d)), Math.sqrt(10)),
  ];
};

/** x'A x / 2 - b'x. */
export const quadratic =
  (a: Tensor, b: Tensor) =>
  (x: Tensor): Tensor =>
    sum(mul(x, sub(mul(times(a)(x), 0.5), b)));

/** Symmetric, positive definite matrices [n, n] and vectors. */
export const bowls = (n: number): fc.Arbitrary<{ a: Tensor; b: Tensor }> =>
  fc.record({ a: tensors([n, n]).map(positive), b: tensors([n]) });

/** A + c d d': where A is positive definite, one eigenvalue at most is negative. */
export const bent = (a: Tensor, d: Tensor, c: number): Tensor =>
  add(a, mul(matmul(reshape(d, [-1, 1]), reshape(d, [1, -1])), c));

/** A place where only the value matters, and the slope. */
export const placed = (v: number, slope: number): Point => ({
  x: f64([0]),
  value: v,
  gradient: f64([slope]),
  size: Math.abs(slope),
});

/** u'v as a number. */
export const inner = (u: Tensor, v: Tensor): number => value(sum(mul(u, v)));

/** A curve that bends more and more. */
export const steep = (x: Tensor): Tensor => sum(sub(exp(x), mul(x, 2)));
