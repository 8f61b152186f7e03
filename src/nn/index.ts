/**
 * Layers, masked layers, gates, losses, initializers and pruning.
 *
 * @module bigrad/nn
 */
export { batchNorm2d, type BatchNormParams, type RunningStatistics } from './batch-norm.js';
export { conv, type ConvLayerOptions, type ConvParams } from './conv.js';
export { density, layerDensity } from './density.js';
export { dropout } from './dropout.js';
export { hardConcrete, sigmoidGate, smoothL0, straightThrough, type Gate, type HardConcreteOptions } from './gates.js';
export {
  constantInit,
  kaimingNormal,
  kaimingUniform,
  xavierNormal,
  xavierUniform,
  type FanOptions,
  type Initializer,
} from './initializers.js';
export type { Context, Described, InitOptions, Layer, StatefulLayer } from './layer.js';
export { linear, type LinearOptions, type LinearParams } from './linear.js';
export { binaryCrossEntropy, crossEntropy, huber, meanSquaredError, type LossOptions } from './losses.js';
export { applyMasks, initMasks, masked, type MaskArgument, type Masked, type Masks } from './masked.js';
export { magnitudePrune, rewind } from './prune.js';
export { flatten, sequential, type Sequential } from './sequential.js';
export { fromStateDict, toStateDict, type AnyLayer, type LayerTrees, type StateDictOptions } from './state-dict.js';
export { summary, type LayerSummary, type Summary } from './summary.js';
export { maxPool2d, relu } from '../ops/index.js';
