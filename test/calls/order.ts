import * as bigrad from 'bigrad';
import { call, type Call } from './call.js';
import { ints, x } from './values.js';

/** null is an open end of a range. */
const openEnd = (place: string, value: unknown): boolean => value === null && /^1\.\d\.[01]$/.test(place);

/** Calls of ops of indexing, order and counting. */
// prettier-ignore
export const order: readonly Call[] = [
  call('where', () => [x()], bigrad.where),
  call('takeAlong', () => [x(), ints([2, 4]), 1], bigrad.takeAlong),
  call('scatterAdd', () => [x(), ints([2, 4]), x([2, 4]), 1], bigrad.scatterAdd),
  call('scatterSet', () => [x(), ints([2, 4]), x([2, 4]), 1], bigrad.scatterSet),
  call('argsort', () => [x(), 0, { descending: true }], bigrad.argsort, { options: 2 }),
  call('sort', () => [x(), 0, { descending: true }], bigrad.sort, { options: 2 }),
  call('topK', () => [x(), 2, 1], bigrad.topK),
  call('searchSorted', () => [x([3]), x(), { side: 'right' }], bigrad.searchSorted, { options: 2 }),
  call('cumprod', () => [x(), 0, { reverse: true }], bigrad.cumprod, { options: 2 }),
  call('cummax', () => [x(), 0, { reverse: true }], bigrad.cummax, { options: 2 }),
  call('roll', () => [x(), [1, -1], [0, 1]], bigrad.roll),
  call('roll', () => [x(), 1], bigrad.roll),
  call('tile', () => [x(), [2, 1]], bigrad.tile),
  call('repeat', () => [x(), [2, 0, 1], 1], bigrad.repeat),
  call('repeat', () => [x(), 2], bigrad.repeat),
  call('meshgrid', () => [[x([2]), x([3])], { indexing: 'ij' }], bigrad.meshgrid, { options: 1 }),
  call('at', () => [x([2, 3, 4]), [0, [0, 2], ':']], bigrad.at, { allow: openEnd }),
  call('at', () => [x([2, 3, 4]), [ints([2]), '...', [3, null, -1]]], bigrad.at, { allow: openEnd }),
  call('unique', () => [x(), { size: 7, fill: 1 }], bigrad.unique, { options: 1 }),
  call('bincount', () => [ints([3]), 2, { weights: x([3]) }], bigrad.bincount, { options: 2 }),
  call('histogram', () => [x(), 3, { range: [0, 1] }], bigrad.histogram, { options: 2 }),
  call('quantile', () => [x(), [0.5, 1], [0], { keepDims: true }], bigrad.quantile, { options: 3 }),
  call('quantile', () => [x(), 0.5], bigrad.quantile),
  call('cov', () => [x(), { correction: 0 }], bigrad.cov, { options: 1 }),
  call('corrcoef', () => [x()], bigrad.corrcoef),
];
