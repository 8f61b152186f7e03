import * as bigrad from 'bigrad';
import { unaryOps } from '../support/elementwise.js';
import { call, like, type Any, type Call } from './call.js';
import { linalg } from './linalg.js';
import { order } from './order.js';
import { ints, key, x } from './values.js';

const binary = ['add', 'sub', 'mul', 'div', 'pow', 'maximum', 'minimum', 'less', 'greater', 'lessEqual', 'greaterEqual', 'equal', 'notEqual', 'mod', 'atan2', 'logAddExp'] as const; // prettier-ignore
const reductions = ['sum', 'mean', 'prod', 'max', 'min', 'variance', 'standardDeviation', 'logSumExp', 'any', 'all', 'median', 'nanSum', 'nanMean', 'nanProd', 'nanMax', 'nanMin', 'nanVariance', 'nanStandardDeviation'] as const; // prettier-ignore
const extremes = ['argmax', 'argmin'] as const;

const image = () => x([1, 2, 5, 5]);

/** Calls of the ops. */
export const ops: readonly Call[] = [
  ...unaryOps.map((name) => call(name, () => [x()], bigrad[name])),
  ...binary.flatMap((name) => [
    call(name, () => [x([2, 1]), x([3])], bigrad[name]),
    call(name, () => [x(), 2], bigrad[name]),
    call(name, () => [2, x()], bigrad[name]),
  ]),
  call('where', () => [ints([2, 1]), x(), x([3])], bigrad.where),
  call('where', () => [x(), 1, 2], bigrad.where),
  call('leakyRelu', () => [x(), 0.1], bigrad.leakyRelu),
  call('elu', () => [x(), 0.5], bigrad.elu),
  call('clamp', () => [x(), 0.4, 0.8], bigrad.clamp),
  call('clamp', () => [x(), undefined, 0.8], bigrad.clamp),
  call('gate', () => [x(), x([3])], bigrad.gate),
  call('gate', () => [x(), 0.1], bigrad.gate),

  ...reductions.flatMap((name) => [
    call(name, () => [x([2, 3, 2]), [0, -1], { keepDims: true }], bigrad[name], { options: 2 }),
    call(name, () => [x(), 1], bigrad[name]),
  ]),
  ...extremes.map((name) => call(name, () => [x(), 1, { keepDims: true }], bigrad[name], { options: 2 })),

  ...order,
  ...linalg,

  call('reshape', () => [x(), [3, -1]], bigrad.reshape),
  call('transpose', () => [x([2, 3, 2]), [1, -1, 0]], bigrad.transpose),
  call('squeeze', () => [x([2, 1, 1]), [1, -1]], bigrad.squeeze),
  call('expandDims', () => [x(), -1], bigrad.expandDims),
  call('broadcastTo', () => [x([3, 1]), [2, 3, 2]], bigrad.broadcastTo),
  call('flip', () => [x(), [0, 1]], bigrad.flip),
  call('slice', () => [x([5, 4]), [0, -3], [2, 2], [2, 1]], bigrad.slice),
  call('pad', () => [x([2, 2]), [[1, 0], [0, 2]], 1], bigrad.pad), // prettier-ignore
  call('concat', () => [[x([2, 1]), x()], 1], bigrad.concat),
  call('stack', () => [[x(), x()], -1], bigrad.stack),
  call('split', () => [x([2, 5]), [2, 3], 1], bigrad.split),
  call('split', () => [x([2, 4]), 2, 1], bigrad.split),
  call('cast', () => [x(), 'float64'], bigrad.cast),
  call('take', () => [x([2, 4]), ints([2, 3]), 1], bigrad.take),
  call('oneHot', () => [ints([3]), 4, { dtype: 'float64' }], bigrad.oneHot, { options: 2 }),
  call('matmul', () => [x([2, 1, 2, 3]), x([2, 3, 2])], bigrad.matmul),
  call('matmul', () => [x([3]), x([3, 2])], bigrad.matmul),
  call(
    'dot',
    () => [
      { a: x(), b: [x([2])] },
      { a: x(), b: [x([2])] },
    ],
    bigrad.dot,
    { trees: [0, 1] },
  ),

  call('conv2d', () => [image(), x([2, 1, 2, 2]), { stride: [1, 2], padding: [[0, 1], [2, 0]], dilation: [2, 1], groups: 2 }], bigrad.conv2d, { options: 2 }), // prettier-ignore
  call('conv2d', () => [image(), x([3, 2, 3, 3]), { stride: 2, padding: 1, dilation: 1 }], bigrad.conv2d, { options: 2 }), // prettier-ignore
  call('convTranspose2d', () => [x([1, 2, 3, 3]), x([2, 1, 3, 3]), { stride: 2, padding: [1, 1], dilation: 1, outputPadding: [1, 1], groups: 2 }], bigrad.convTranspose2d, { options: 2 }), // prettier-ignore
  ...(['maxPool2d', 'avgPool2d'] as const).flatMap((name) => [
    call(name, () => [image(), [3, 2], { stride: [2, 1], padding: [[1, 0], [0, 1]] }], bigrad[name], { options: 2 }), // prettier-ignore
    call(name, () => [image(), 2, { stride: 2, padding: 1 }], bigrad[name], { options: 2 }),
  ]),
  call('globalAvgPool2d', () => [image()], bigrad.globalAvgPool2d),
  call('globalMaxPool2d', () => [image()], bigrad.globalMaxPool2d),
  call('adaptiveAvgPool', () => [image(), [3, 1]], bigrad.adaptiveAvgPool),
  call('adaptiveAvgPool', () => [image(), 2], bigrad.adaptiveAvgPool),
  call('resize', () => [image(), [3, 7], { method: 'linear', alignCorners: true }], bigrad.resize, { options: 2 }),
  call('resize', () => [x([1, 2, 3]), 2], bigrad.resize),
  call('conv1d', () => [x([1, 2, 5]), x([2, 1, 2]), { stride: [1], padding: [[2, 0]], dilation: [2], groups: 2 }], bigrad.conv1d, { options: 2 }), // prettier-ignore
  call('conv1d', () => [x([1, 2, 5]), x([2, 2, 2]), { stride: 2, padding: 1, dilation: 1 }], bigrad.conv1d, { options: 2 }), // prettier-ignore
  call('conv3d', () => [x([1, 2, 3, 3, 3]), x([2, 1, 2, 2, 2]), { stride: [1, 2, 1], padding: [[1, 0], [0, 1], [0, 0]], dilation: [1, 1, 2], groups: 2 }], bigrad.conv3d, { options: 2 }), // prettier-ignore
  ...(['maxPool1d', 'avgPool1d'] as const).map((name) =>
    call(name, () => [x([1, 2, 5]), [3], { stride: [2], padding: [[1, 0]] }], bigrad[name], { options: 2 })), // prettier-ignore
  ...(['maxPool3d', 'avgPool3d'] as const).map((name) =>
    call(name, () => [x([1, 2, 3, 3, 3]), [1, 2, 3], { stride: [2, 1, 1], padding: [[0, 0], [1, 0], [0, 1]] }], bigrad[name], { options: 2 })), // prettier-ignore

  call('batchNorm', () => [x([3, 2]), x([2]), x([2]), { axes: [0], eps: 1e-3, mean: x([2]), variance: x([2]) }], bigrad.batchNorm, { options: 3 }), // prettier-ignore
  call('batchNorm', () => [x([3, 2]), x([2]), x([2]), { axes: 0, eps: 1e-3 }], bigrad.batchNorm, { options: 3 }),
  call('batchNormWithStats', () => [x([3, 2]), x([2]), x([2]), { axes: [0], eps: 1e-3 }], bigrad.batchNormWithStats, { options: 3 }), // prettier-ignore
  call('layerNorm', () => [x([3, 2]), x([2]), x([2]), { axes: [-1], eps: 1e-3 }], bigrad.layerNorm, { options: 3 }),
  call('softmax', () => [x(), 0], bigrad.softmax),
  call('cumsum', () => [x(), 0, { reverse: true }], bigrad.cumsum, { options: 2 }),
  call('logSoftmax', () => [x(), -1], bigrad.logSoftmax),
  call('softmaxCrossEntropy', () => [x(), ints([2])], bigrad.softmaxCrossEntropy),

  call('splitKey', () => [key(), 3], bigrad.splitKey),
  call('randomUniform', () => [key(), [2, 3], { dtype: 'float64', low: -1, high: 2 }], bigrad.randomUniform, { options: 2 }), // prettier-ignore
  call('randomNormal', () => [key(), [2, 3], { dtype: 'float64' }], bigrad.randomNormal, { options: 2 }),
  call('randomBernoulli', () => [key(), [2, 3], { p: 0.4, dtype: 'int32' }], bigrad.randomBernoulli, { options: 2 }),
  call('randomPermutation', () => [key(), 5], bigrad.randomPermutation),

  call('copyTo', () => [{ a: x(), b: [x([2])] }, bigrad.cpu], bigrad.copyTo, { trees: [0], keeps: like(0) }),
  call('toArray', () => [x()], bigrad.toArray),
  call('stopGradient', () => [{ a: x(), b: [x([2])] }], bigrad.stopGradient, { trees: [0] }),
  call('leaves', () => [{ a: x(), b: [x([2])] }], bigrad.leaves, { trees: [0] }),
  call('treeSize', () => [{ a: x(), b: [x([2])] }], bigrad.treeSize, { trees: [0] }),
  call('mapTree', () => [(a: Any, b: Any) => b ?? a, { a: x(), b: [x([2])] }, { a: x(), b: [x([2])] }], bigrad.mapTree, { trees: [1] }), // prettier-ignore
  call('flattenTree', () => [{ a: x(), b: [x([2])] }], bigrad.flattenTree, {
    trees: [0],
    use: ({ leaves, rebuild }: ReturnType<typeof bigrad.flattenTree>) => [leaves, rebuild([x(), x([2])])],
  }),
  call('flattenTree().rebuild', () => [[x(), x([2])]], bigrad.flattenTree({ a: x(), b: [x([2])] }).rebuild),

  call('Tensor.read', () => [x()], (t: Any) => t.read(), { name: 'read', method: true }), // prettier-ignore
  call('Tensor.readSync', () => [x()], (t: Any) => t.readSync(), { name: 'readSync', method: true }), // prettier-ignore
  call('Tensor.item', () => [x([])], (t: Any) => t.item(), { name: 'item', method: true }), // prettier-ignore
  call('Tensor.toJSON', () => [x()], (t: Any) => t.toJSON(), { name: 'toJSON', method: true }), // prettier-ignore
  call('Tensor.toString', () => [x()], (t: Any) => t.toString(), { name: 'toString', method: true }), // prettier-ignore
  call('Tensor.Symbol(Symbol.toPrimitive)', () => [x()], (t: Any) => `${t}`, { name: 'tensor', method: true }), // prettier-ignore
  call('Tensor.Symbol(nodejs.util.inspect.custom)', () => [x()], (t: Any) => t[Symbol.for('nodejs.util.inspect.custom')](), { name: 'inspect', method: true }), // prettier-ignore
  call('Tensor.size', () => [x()], (t: Any) => t.size, { name: 'size', method: true }), // prettier-ignore
];
