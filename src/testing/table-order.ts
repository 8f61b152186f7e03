import type { Tensor } from '../core/tensor.js';
import * as op from '../ops/index.js';
import { call, distinct, entry, type OpEntry } from './op-case.js';

type X = Tensor;
/** Values of one input of a shape. */
const on = (title: string, shape: readonly number[], f: (x: X) => unknown, of?: (u: number) => number) =>
  call(title, (m) => [m(shape, of)], f);
/** The same of distinct values, so that no order is close. */
const apart = (title: string, shape: readonly number[], f: (x: X) => unknown) =>
  call(title, (m) => [m(shape, distinct())], f);

/** Indexing, order, counting and statistics. */
export const order: readonly OpEntry[] = [
  entry('takeAlong', [
    call(
      'axis 0, rows that broadcast',
      (m) => [m([3, 2]), m.ints([2, 1], 3)],
      (x, i) => op.takeAlong(x, i, 0),
    ),
  ]),
  ...(['scatterAdd', 'scatterSet'] as const).map((name) =>
    entry(name, [
      call(
        'repeats, last axis',
        (m) => [m([2, 3]), m.ints([2, 4], 3), m([2, 4])],
        (x, i, y) => op[name](x, i, y),
      ),
    ]),
  ),
  entry('argsort', [apart('axis 0, descending', [4, 2], (x) => op.argsort(x, 0, { descending: true }))], 0),
  entry('sort', [apart('last axis', [2, 4], (x) => op.sort(x))]),
  entry('topK', [apart('2 of 4', [4, 2], (x) => op.topK(x, 2, 0))]),
  entry(
    'searchSorted',
    [
      call(
        'the right side',
        (m) => [m([5]), m([2, 3])],
        (s, x) => op.searchSorted(op.sort(s), x, { side: 'right' }),
      ),
    ],
    0,
  ),
  entry('cumprod', [on('axis 0, from the end', [3, 2], (x) => op.cumprod(x, 0, { reverse: true }))]),
  entry('cummax', [apart('last axis', [2, 5], (x) => op.cummax(x))]),
  entry('roll', [on('two axes', [2, 3], (x) => op.roll(x, [1, -1], [0, 1]))]),
  entry('tile', [on('in front and behind', [2], (x) => op.tile(x, [2, 3]))]),
  entry('repeat', [on('as a list says', [3], (x) => op.repeat(x, x.size === 3 ? [2, 0, 1] : 2, -1))]),
  entry('meshgrid', [
    call(
      'two vectors',
      (m) => [m([2]), m([3])],
      (x, y) => op.meshgrid([x, y]),
    ),
  ]),
  entry('at', [
    on('a position, a new axis, a step backwards', [2, 3, 4], (x) => op.at(x, [-1, 'new', ':', [null, null, -2]])),
    call(
      'indices',
      (m) => [m([3, 2]), m.ints([2], 3)],
      (x, i) => op.at(x, [i, '...', [0, 1]]),
    ),
  ]),
  entry('unique', [apart('sizes that are given', [5], (x) => op.unique(x, { size: 6, fill: 1 }))]),
  entry('bincount', [
    call(
      'weights',
      (m) => [m.ints([5], 3), m([5])],
      (i, w) => op.bincount(i, 4, { weights: w }),
    ),
  ]),
  entry('histogram', [apart('four bins', [2, 5], (x) => op.histogram(x, 4, { range: [-1, 1.02] }))], 0),
  entry('quantile', [apart('two of axis 0', [4, 2], (x) => op.quantile(x, [0.3, 1], 0))]),
  entry('median', [apart('of all', [2, 3], (x) => op.median(x, undefined, { keepDims: true }))]),
  entry('cov', [on('[2,4]', [2, 4], (x) => op.cov(x))]),
  entry('corrcoef', [on('[2,3]', [2, 3], (x) => op.corrcoef(x))]),
  ...(['nanSum', 'nanMean', 'nanProd', 'nanVariance', 'nanStandardDeviation'] as const).map((name) =>
    entry(name, [on('axis 1', [2, 3], (x) => op[name](x, 1))]),
  ),
  ...(['nanMax', 'nanMin'] as const).map((name) => entry(name, [apart('axis 0', [3, 2], (x) => op[name](x, 0))])),
];
