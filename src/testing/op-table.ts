import type { Shape } from '../core/shape.js';
import * as op from '../ops/index.js';
import { awayFrom0, binary, call, distinct, entry, positive, reduction, same, unary, type OpEntry } from './op-case.js';
import { linalg } from './table-linalg.js';
import { order } from './table-order.js';
import { special } from './table-special.js';
import { windows } from './table-windows.js';

const image: Shape = [2, 2, 4, 5];

/**
 * Every exported op with the inputs it is tested on: against differences in float64, and between
 * devices.
 * @example
 * opTable.some((entry) => entry.op === 'matmul'); // true
 */
export const opTable: readonly OpEntry[] = [
  ...special,
  ...order,
  ...linalg,
  ...windows,
  binary('add'),
  binary('sub'),
  binary('mul'),
  binary('div', undefined, positive, 3),
  binary('pow', positive),
  binary(
    'maximum',
    (u) => u * 0.4 + 0.5,
    (u) => u * 0.05,
  ),
  binary(
    'minimum',
    (u) => u * 0.4 + 0.5,
    (u) => u * 0.05,
  ),
  ...(['less', 'greater', 'lessEqual', 'greaterEqual', 'equal', 'notEqual'] as const).map((name) =>
    binary(name, Math.round, Math.round, 0),
  ),
  entry('where', [
    call(
      'a row of conditions',
      (m) => [m.ints([3], 2), m([2, 3]), m([2, 1])],
      (c, x, y) => op.where(c, x, y),
    ),
    call(
      'a number on one side',
      (m) => [m([2, 3]), m.ints([2, 3], 2)],
      (x, c) => op.where(c, 1, x),
    ),
  ]),
  unary('neg'),
  unary('abs', awayFrom0),
  unary('sign', awayFrom0, 0),
  unary('floor', (u) => 3 * awayFrom0(u), 0),
  unary('square'),
  unary('reciprocal', positive),
  unary('sqrt', positive),
  unary('rsqrt', positive),
  unary('exp'),
  unary('expm1'),
  unary('log', positive),
  unary('log1p', positive),
  unary('sin'),
  unary('cos'),
  unary('tanh'),
  unary('sigmoid'),
  unary('softplus'),
  unary('relu', awayFrom0),
  unary('erf'),
  unary('leakyRelu', awayFrom0),
  unary('elu', awayFrom0),
  unary('gelu'),
  entry('clamp', [
    call(
      '[2,3]',
      (m) => [m([2, 3], (u) => Math.round(u * 2) * 0.5 + u * 0.1)],
      (x) => op.clamp(x, -0.75, 0.75),
    ),
  ]),

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
        (m) => [m(image), m([3, 2, 3, 3])],
        (x, w) => op.conv2d(x, w, { stride: 2, padding: 1 }),
      ),
      call(
        'uneven stride, padding and dilation',
        (m) => [m(image), m([2, 2, 2, 2])],
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
  entry('maxPool2d', [
    call(
      'size 2',
      (m) => [m([1, 2, 4, 4], distinct())],
      (x) => op.maxPool2d(x, 2),
    ),
    call(
      'overlapping, padded',
      (m) => [m(image, distinct())],
      (x) => op.maxPool2d(x, [3, 2], { stride: [2, 1], padding: 1 }),
    ),
  ]),
  entry('avgPool2d', [
    call(
      'overlapping, padded',
      (m) => [m(image)],
      (x) => op.avgPool2d(x, [3, 2], { stride: 2, padding: [1, 0] }),
    ),
  ]),
  entry('globalAvgPool2d', [
    call(
      '[2,2,4,5]',
      (m) => [m(image)],
      (x) => op.globalAvgPool2d(x),
    ),
  ]),
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
  entry(
    'gate',
    [
      call(
        'eps a number',
        (m) => [m([2, 3])],
        (x) => op.gate(x, 0.1),
      ),
      call(
        'eps a tensor',
        (m) => [m([2, 3]), m([], positive)],
        (x, eps) => op.gate(x, eps),
      ),
    ],
    3,
  ),

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

/**
 * How a table of ops differs from the functions it should list: those it misses, those it has of
 * its own, and those without a case.
 */
export function tableGaps(
  exported: readonly string[],
  table: readonly Pick<OpEntry, 'op' | 'cases'>[],
): { missing: string[]; unknown: string[]; untested: string[] } {
  const listed = table.map((entry) => entry.op);
  return {
    missing: exported.filter((name) => !listed.includes(name)),
    unknown: listed.filter((name, i) => !exported.includes(name) || listed.indexOf(name) !== i),
    untested: table.filter((entry) => entry.cases.length === 0).map((entry) => entry.op),
  };
}
