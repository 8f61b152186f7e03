import * as op from '../ops/index.js';
import { call, entry, type OpEntry } from './op-case.js';

const IMAGE = [2, 2, 4, 5];

/** Products of matrices, and two-dimensional convolutions. */
export const products: readonly OpEntry[] = [
  entry(
    'matmul',
    [
      call(
        '[2,3] [3,2]',
        (m) => [m([2, 3]), m([3, 2])],
        (x, y) => op.matmul(x, y),
      ),
      call(
        'batches that broadcast',
        (m) => [m([2, 1, 2, 3]), m([2, 3, 2])],
        (x, y) => op.matmul(x, y),
      ),
      call(
        'a vector on the left',
        (m) => [m([3]), m([3, 2])],
        (x, y) => op.matmul(x, y),
      ),
      call(
        'a vector on the right',
        (m) => [m([2, 3]), m([3])],
        (x, y) => op.matmul(x, y),
      ),
      call(
        'vectors',
        (m) => [m([3]), m([3])],
        (x, y) => op.matmul(x, y),
      ),
      call(
        'transposed views',
        (m) => [m([3, 2]), m([2, 3])],
        (x, y) => op.matmul(op.transpose(x), op.transpose(y)),
      ),
    ],
    3,
  ),
  entry('dot', [
    call(
      '[2,3]',
      (m) => [m([2, 3]), m([2, 3])],
      (x, y) => op.dot([x], [y]),
    ),
  ]),
  entry(
    'conv2d',
    [
      call(
        'plain',
        (m) => [m([1, 2, 3, 4]), m([2, 2, 2, 2])],
        (x, w) => op.conv2d(x, w),
      ),
      call(
        'stride 2, padding 1',
        (m) => [m(IMAGE), m([3, 2, 3, 3])],
        (x, w) => op.conv2d(x, w, { stride: 2, padding: 1 }),
      ),
      call(
        'uneven stride, padding and dilation',
        (m) => [m(IMAGE), m([2, 2, 2, 2])],
        (x, w) =>
          op.conv2d(x, w, {
            stride: [1, 2],
            padding: [
              [0, 1],
              [2, 0],
            ],
            dilation: [2, 1],
          }),
      ),
      call(
        'groups',
        (m) => [m([1, 4, 3, 3]), m([4, 2, 2, 2])],
        (x, w) => op.conv2d(x, w, { groups: 2 }),
      ),
    ],
    3,
  ),
  entry('convTranspose2d', [
    call(
      'plain',
      (m) => [m([1, 2, 2, 3]), m([2, 2, 2, 2])],
      (x, w) => op.convTranspose2d(x, w),
    ),
    call(
      'stride 2, padding 1, outputPadding 1, groups',
      (m) => [m([1, 2, 3, 3]), m([2, 1, 3, 3])],
      (x, w) => op.convTranspose2d(x, w, { stride: 2, padding: 1, outputPadding: 1, groups: 2 }),
    ),
  ]),
];
