import * as op from '../ops/index.js';
import { call, entry, positive, type OpEntry } from './op-case.js';

/** Normalizations. */
export const norms: readonly OpEntry[] = [
  entry(
    'batchNorm',
    [
      call(
        'batch statistics',
        (m) => [m([3, 2, 2, 2]), m([2]), m([2])],
        (x, s, b) => op.batchNorm(x, s, b),
      ),
      call(
        'given statistics',
        (m) => [m([3, 2, 2, 2]), m([2]), m([2]), m([2]), m([2], positive)],
        (x, s, b, mean, variance) => op.batchNorm(x, s, b, { mean: mean, variance: variance }),
      ),
    ],
    3,
  ),
  entry('batchNormWithStats', [
    call(
      'all outputs',
      (m) => [m([3, 2, 2]), m([2]), m([2])],
      (x, s, b) => op.batchNormWithStats(x, s, b, { eps: 0.01 }),
    ),
  ]),
  entry('layerNorm', [
    call(
      'last axis',
      (m) => [m([2, 3, 4]), m([4]), m([4])],
      (x, s, b) => op.layerNorm(x, s, b),
    ),
  ]),
];
