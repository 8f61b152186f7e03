import * as op from '../ops/index.js';
import { call, distinct, entry, reduction, same, type OpEntry } from './op-case.js';

/** Reductions, and what is computed along an axis with them. */
export const reductions: readonly OpEntry[] = [
  reduction('sum'),
  reduction('mean'),
  reduction('prod'),
  reduction('max', distinct),
  reduction('min', distinct),
  reduction('variance'),
  reduction('standardDeviation'),
  reduction('logSumExp'),
  reduction('any', same(Math.round), 0),
  reduction('all', same(Math.round), 0),
  ...(['argmax', 'argmin'] as const).map((name) =>
    entry(
      name,
      [
        call(
          'axis 0',
          (m) => [m([4, 3], distinct())],
          (x) => op[name](x, 0),
        ),
        call(
          'flattened',
          (m) => [m([4, 3], distinct())],
          (x) => op[name](x),
        ),
      ],
      0,
    ),
  ),
  entry('softmax', [
    call(
      'axis 0',
      (m) => [m([3, 2])],
      (x) => op.softmax(x, 0),
    ),
    call(
      'last axis',
      (m) => [m([2, 3])],
      (x) => op.softmax(x),
    ),
  ]),
  entry('cumsum', [
    call(
      'last axis',
      (m) => [m([2, 3])],
      (x) => op.cumsum(x),
    ),
    call(
      'the middle axis, from the end',
      (m) => [m([2, 3, 5])],
      (x) => op.cumsum(x, 1, { reverse: true }),
    ),
  ]),
  entry('logSoftmax', [
    call(
      'last axis',
      (m) => [m([2, 3])],
      (x) => op.logSoftmax(x),
    ),
  ]),
  entry('softmaxCrossEntropy', [
    call(
      '[4,3]',
      (m) => [m([4, 3]), m.ints([4], 3)],
      (x, l) => op.softmaxCrossEntropy(x, l),
    ),
  ]),
];
