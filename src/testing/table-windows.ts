import * as op from '../ops/index.js';
import { call, distinct, entry, type OpEntry } from './op-case.js';

const IMAGE = [2, 2, 4, 5];

/** Convolution, pooling and resizing along any number of axes. */
export const windows: readonly OpEntry[] = [
  entry('conv1d', [
    call(
      'stride, padding in front, dilation, groups',
      (m) => [m([1, 2, 4]), m([2, 1, 2])],
      (x, w) => op.conv1d(x, w, { stride: 2, padding: [[3, 0]], dilation: 2, groups: 2 }),
    ),
  ]),
  entry('conv3d', [
    call(
      'uneven stride, padding and dilation',
      (m) => [m([1, 1, 4, 2, 2]), m([1, 1, 2, 2, 1])],
      (x, w) => op.conv3d(x, w, { stride: [2, 1, 1], padding: [1, 0, 1], dilation: [2, 1, 1] }),
    ),
  ]),
  entry('maxPool1d', [
    call(
      'overlapping, padded',
      (m) => [m([1, 2, 5], distinct())],
      (x) => op.maxPool1d(x, 3, { stride: 2, padding: 1 }),
    ),
  ]),
  entry('avgPool1d', [
    call(
      'size 2',
      (m) => [m([1, 2, 4])],
      (x) => op.avgPool1d(x, 2),
    ),
  ]),
  entry('maxPool3d', [
    call(
      'overlapping in depth',
      (m) => [m([1, 1, 3, 2, 4], distinct())],
      (x) => op.maxPool3d(x, 2, { stride: [1, 2, 2] }),
    ),
  ]),
  entry('avgPool3d', [
    call(
      'padded in depth',
      (m) => [m([1, 1, 3, 2, 2])],
      (x) => op.avgPool3d(x, 2, { padding: [1, 0, 0] }),
    ),
  ]),
  entry('globalMaxPool2d', [
    call(
      '[1,2,2,3]',
      (m) => [m([1, 2, 2, 3], distinct())],
      (x) => op.globalMaxPool2d(x),
    ),
  ]),
  entry('adaptiveAvgPool', [
    call(
      'windows that overlap',
      (m) => [m([1, 2, 5, 3])],
      (x) => op.adaptiveAvgPool(x, [3, 1]),
    ),
  ]),
  entry('resize', [
    call(
      'nearest',
      (m) => [m([1, 2, 3])],
      (x) => op.resize(x, 5),
    ),
    call(
      'bilinear',
      (m) => [m([1, 1, 3, 4])],
      (x) => op.resize(x, [5, 2], { method: 'linear' }),
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
      (m) => [m(IMAGE, distinct())],
      (x) => op.maxPool2d(x, [3, 2], { stride: [2, 1], padding: 1 }),
    ),
  ]),
  entry('avgPool2d', [
    call(
      'overlapping, padded',
      (m) => [m(IMAGE)],
      (x) => op.avgPool2d(x, [3, 2], { stride: 2, padding: [1, 0] }),
    ),
  ]),
  entry('globalAvgPool2d', [
    call(
      '[2,2,4,5]',
      (m) => [m(IMAGE)],
      (x) => op.globalAvgPool2d(x),
    ),
  ]),
];
