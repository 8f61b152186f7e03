import * as op from '../ops/index.js';
import { call, entry, type OpEntry } from './op-case.js';

/** Ops that make tensors, and those without a derivative. */
export const makers: readonly OpEntry[] = [
  entry(
    'zerosLike',
    [
      call(
        '[2,3]',
        (m) => [m([2, 3])],
        (x) => op.zerosLike(x),
      ),
    ],
    0,
  ),
  entry(
    'onesLike',
    [
      call(
        '[2,3]',
        (m) => [m([2, 3])],
        (x) => op.onesLike(x),
      ),
    ],
    0,
  ),
  entry(
    'stopGradient',
    [
      call(
        '[2,3]',
        (m) => [m([2, 3])],
        (x) => op.stopGradient(x),
      ),
    ],
    0,
  ),
  entry(
    'splitKey',
    [
      call(
        'three',
        (m) => [m.key()],
        (k) => op.splitKey(k, 3),
      ),
    ],
    0,
  ),
  entry(
    'randomUniform',
    [
      call(
        '[5]',
        (m) => [m.key()],
        (k) => op.randomUniform(k, [5], { low: -1, high: 2 }),
      ),
    ],
    0,
  ),
  entry(
    'randomNormal',
    [
      call(
        '[5]',
        (m) => [m.key()],
        (k) => op.randomNormal(k, [5]),
      ),
    ],
    0,
  ),
  entry(
    'randomBernoulli',
    [
      call(
        '[9]',
        (m) => [m.key()],
        (k) => op.randomBernoulli(k, [9], { p: 0.3 }),
      ),
    ],
    0,
  ),
  entry(
    'randomPermutation',
    [
      call(
        '7',
        (m) => [m.key()],
        (k) => op.randomPermutation(k, 7),
      ),
    ],
    0,
  ),
];
