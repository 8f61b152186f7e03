/**
 * The ops as `bigrad` exports them; every function here stands in the op table of `bigrad/testing`.
 */
export { meshgrid, repeat, roll, tile } from './arrange.js';
export { at, type Index } from './at.js';
export { broadcastTo } from './broadcast.js';
export { clamp } from './clamp.js';
export { bincount, histogram, type Histogram } from './counting.js';
export { corrcoef, cov } from './covariance.js';
export { cummax, cumprod } from './cumulative.js';
export { cumsum, type CumsumOptions } from './cumsum.js';
export { conv2d, convTranspose2d, type ConvOptions } from './conv.js';
export { conv1d, conv3d, type AxesConvOptions } from './conv-axes.js';
export { onesLike, zerosLike, type Nested } from './create.js';
export type { Operand } from './define-elementwise.js';
export * from './elementwise.js';
export { gate } from './gate.js';
export { cholesky } from './linalg/cholesky.js';
export { einsum } from './linalg/einsum.js';
export { norm, outer, type NormOptions } from './linalg/norm.js';
export { qr, type Qr } from './linalg/qr.js';
export {
  determinant,
  inverse,
  logDeterminant,
  solve,
  triangularSolve,
  type LogDeterminant,
  type TriangularOptions,
} from './linalg/solve.js';
export { eigh, svd, type Eigen, type Svd } from './linalg/spectral.js';
export { diagonal, trace, tril, triu } from './linalg/triangles.js';
export { matmul } from './matmul.js';
export { cast, expandDims, flip, pad, reshape, slice, squeeze, transpose } from './movement.js';
export { concat, split, stack } from './join.js';
export { batchNorm, batchNormWithStats, layerNorm, type BatchNormOptions, type BatchStatistics } from './normalize.js';
export { nanMax, nanMean, nanMin, nanProd, nanStandardDeviation, nanSum, nanVariance } from './nan-reduce.js';
export { oneHot } from './one-hot.js';
export { avgPool2d, globalAvgPool2d, globalMaxPool2d, maxPool2d, type PoolOptions } from './pool.js';
export { adaptiveAvgPool, avgPool1d, avgPool3d, maxPool1d, maxPool3d, type AxesPoolOptions } from './pool-axes.js';
export { median, quantile } from './quantile.js';
export {
  randomBernoulli,
  randomNormal,
  randomPermutation,
  randomUniform,
  splitKey,
  type Keys,
  type RandomOptions,
} from './random.js';
export {
  all,
  any,
  argmax,
  argmin,
  logSumExp,
  max,
  mean,
  min,
  prod,
  standardDeviation,
  sum,
  variance,
  type Axes,
  type ReduceOptions,
} from './reduce.js';
export { resize, type ResizeOptions } from './resize.js';
export { ceil, mod, round } from './rounding.js';
export { logSoftmax, softmax, softmaxCrossEntropy } from './softmax.js';
export { digamma, erfinv, lgamma, logAddExp, sinc } from './special.js';
export { argsort, searchSorted, sort, topK, type SortOptions, type TopK } from './sort.js';
export { scatterAdd, scatterSet, takeAlong } from './take-along.js';
export { take } from './take.js';
export { copyTo, dot, stopGradient, toArray } from './trees.js';
export { acos, acosh, asin, asinh, atan, atan2, atanh, cosh, sinh, tan } from './trigonometry.js';
export { unique, type Unique, type UniqueOptions } from './unique.js';
export type { Lengths, Padding, Pads, Pair } from './window.js';
