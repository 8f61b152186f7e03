import * as op from '../ops/index.js';
import { call, entry, type OpEntry } from './op-case.js';

/** Ops that move elements, pick them or convert them. */
export const movement: readonly OpEntry[] = [
  entry('reshape', [
    call(
      '[2,3] to [3,-1]',
      (m) => [m([2, 3])],
      (x) => op.reshape(x, [3, -1]),
    ),
    call(
      'a transposed view',
      (m) => [m([2, 3])],
      (x) => op.reshape(op.transpose(x), [2, 3]),
    ),
  ]),
  entry('transpose', [
    call(
      'reversed',
      (m) => [m([2, 3])],
      (x) => op.transpose(x),
    ),
    call(
      'a permutation',
      (m) => [m([2, 3, 2])],
      (x) => op.transpose(x, [1, -1, 0]),
    ),
  ]),
  entry('squeeze', [
    call(
      'axis 1',
      (m) => [m([2, 1, 3])],
      (x) => op.squeeze(x, 1),
    ),
  ]),
  entry('expandDims', [
    call(
      'axis -1',
      (m) => [m([2, 3])],
      (x) => op.expandDims(x, -1),
    ),
  ]),
  entry('broadcastTo', [
    call(
      '[3,1] to [2,3,2]',
      (m) => [m([3, 1])],
      (x) => op.broadcastTo(x, [2, 3, 2]),
    ),
  ]),
  entry('flip', [
    call(
      'axis 1',
      (m) => [m([2, 3])],
      (x) => op.flip(x, 1),
    ),
  ]),
  entry('slice', [
    call(
      'a part',
      (m) => [m([3, 4])],
      (x) => op.slice(x, [1, -3], [2, 2]),
    ),
    call(
      'every other',
      (m) => [m([5])],
      (x) => op.slice(x, [1], [2], [2]),
    ),
  ]),
  entry('pad', [
    call(
      '[2,2] with ones',
      (m) => [m([2, 2])],
      (x) =>
        op.pad(
          x,
          [
            [1, 0],
            [0, 2],
          ],
          1,
        ),
    ),
  ]),
  entry('concat', [
    call(
      'axis 1, a repeat',
      (m) => [m([2, 1]), m([2, 2])],
      (x, y) => op.concat([x, y, x], 1),
    ),
  ]),
  entry('stack', [
    call(
      'axis -1',
      (m) => [m([2, 3]), m([2, 3])],
      (x, y) => op.stack([x, y], -1),
    ),
  ]),
  entry('split', [
    call(
      'unequal parts',
      (m) => [m([2, 5])],
      (x) => op.split(x, [2, 3], 1),
    ),
  ]),
  entry('cast', [
    call(
      'to itself and back',
      (m) => [m([2, 3])],
      (x) => op.cast(op.cast(x, x.dtype), x.dtype),
    ),
  ]),
  entry('take', [
    call(
      'repeats, axis 1',
      (m) => [m([2, 4]), m.ints([2, 3], 4)],
      (x, i) => op.take(x, i, 1),
    ),
  ]),
  entry(
    'oneHot',
    [
      call(
        'depth 4',
        (m) => [m.ints([3], 4)],
        (i) => op.oneHot(i, 4),
      ),
    ],
    0,
  ),
];
