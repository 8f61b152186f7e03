import { show } from '../core/words.js';
import { positive } from '../core/check.js';
import { checkFloat } from '../core/op.js';
import type { Tensor } from '../core/tensor.js';
import {
  add,
  limited,
  div,
  greater,
  lessEqual,
  like,
  max,
  mul,
  relu,
  stopGradient,
  sub,
  sum,
  where,
} from '../ops/index.js';
import { norm } from './norm.js';

// Projections: the nearest point of a set, which is the proximal operator of the set's indicator.

/**
 * The projection onto lo <= x <= hi, element by element.
 * @example
 * projectBox(tensor([-2, 0.5, 2]), 0, 1); // float32[3] on cpu [0, 0.5, 1]
 */
export function projectBox(x: Tensor, lo: number, hi: number): Tensor {
  return limited('projectBox', x, lo, hi);
}

/**
 * The projection onto x >= 0, element by element.
 * @example
 * projectNonNegative(tensor([-1, 2])); // float32[2] on cpu [0, 2]
 */
export const projectNonNegative = (x: Tensor): Tensor => relu(checkFloat('projectNonNegative', x));

/**
 * The projection onto the Euclidean ball: x radius / max(radius, |x|), over all elements.
 * @example
 * projectL2Ball(tensor([3, 4])); // float32[2] on cpu [0.6, 0.8]
 */
export function projectL2Ball(x: Tensor, radius = 1): Tensor {
  checkFloat('projectL2Ball', x);
  positive('projectL2Ball', 'a radius', radius);
  const size = norm(x);
  const inside = lessEqual(size, radius);
  return where(inside, x, mul(div(x, where(inside, 1, size)), radius));
}

const HALVINGS = 64; // of an interval of length `radius`: to the last bit of a double

/**
 * The projection of each row (last axis) onto the simplex of non-negative numbers that add up to
 * `radius`: max(x - tau, 0), with tau such that the sum is right (Held, Wolfe and Crowder 1974).
 * Bisection finds tau: it needs no sorting, and runs on every device. The formula of tau on the
 * elements above it then makes it exact and differentiable.
 * @example
 * projectSimplex(tensor([0.5, 0.5, 2])); // float32[3] on cpu [0, 0, 1]
 */
export function projectSimplex(x: Tensor, radius = 1): Tensor {
  if (checkFloat('projectSimplex', x).shape.length === 0 || x.shape.at(-1) === 0)
    throw new RangeError(`projectSimplex: expected a last axis with at least one element, got ${show(x.shape)}`);
  positive('projectSimplex', 'a radius', radius);
  const kept = { keepDims: true };
  // The same shift of a whole row leaves its projection as it is; with 0 as the largest, `radius`
  // is not lost beside huge numbers.
  const shifted = sub(x, stopGradient(max(x, -1, kept)));
  const values = stopGradient(shifted);
  let lo = like(x, -radius);
  let width = radius;
  for (let i = 0; i < HALVINGS; i++) {
    width /= 2;
    const middle = add(lo, width);
    lo = where(greater(sum(relu(sub(values, middle)), -1, kept), radius), middle, lo);
  }
  const active = greater(values, lo);
  const tau = div(sub(sum(where(active, shifted, 0), -1, kept), radius), sum(active, -1, kept));
  return relu(sub(shifted, tau));
}
