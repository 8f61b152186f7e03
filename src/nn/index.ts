export { batchNorm2d, type BatchNormParams, type RunningStatistics } from './batch-norm.js';
export { conv, type ConvLayerOptions, type ConvParams } from './conv.js';
export { sigmoidGate, smoothL0, type Gate } from './gates.js';
export {
  constantInit,
  kaimingNormal,
  kaimingUniform,
  xavierNormal,
  xavierUniform,
  type Initializer,
} from './initializers.js';
export type { Context, InitOptions, Layer, StatefulLayer } from './layer.js';
export { linear, type LinearOptions, type LinearParams } from './linear.js';
export { binaryCrossEntropy, crossEntropy, huber, meanSquaredError, type LossOptions } from './losses.js';
export { applyMasks, density, initMasks, layerDensity, masked, type Masks } from './masked.js';
export { flatten, sequential } from './sequential.js';
export { maxPool2d, relu } from '../ops/index.js';
