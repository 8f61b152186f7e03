/**
 * Layers, activations, losses, masked layers, gates, initializers and pruning.
 *
 * @module bigrad/nn
 */
export {
  celu,
  geluTanh,
  glu,
  hardShrink,
  hardSigmoid,
  hardSwish,
  hardTanh,
  logSigmoid,
  mish,
  relu6,
  selu,
  silu,
  softmin,
  softShrink,
  softsign,
  tanhShrink,
  threshold,
} from './activations.js';
export type { NormOptions, NormParams } from './affine.js';
export {
  attentionWeights,
  scaledDotProductAttention,
  type AttentionOptions,
  type DropoutAttentionOptions,
} from './attention.js';
export { batchNorm2d, type BatchNormParams, type RunningStatistics } from './batch-norm.js';
export { compact, type Compacted, type Compaction, type CompactOptions } from './compact/compact.js';
export { conv, type ConvLayerOptions, type ConvParams } from './conv.js';
export { crossEntropy, negativeLogLikelihood, type CrossEntropyOptions, type LabelOptions } from './cross-entropy.js';
export { density, layerDensity } from './density.js';
export { dropout } from './dropout.js';
export { embedding, learnedPositions, type EmbeddingOptions, type EmbeddingParams } from './embedding.js';
export { hardConcrete, sigmoidGate, smoothL0, straightThrough, type Gate, type HardConcreteOptions } from './gates.js';
export { groupNorm, instanceNorm } from './group-norm.js';
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
export { layerNorm, rmsNorm, type RmsNormParams } from './layer-norm.js';
export { linear, type LinearOptions, type LinearParams } from './linear.js';
export {
  binaryCrossEntropyOfProbabilities,
  gaussianNll,
  klDivergence,
  poissonNll,
  type DivergenceOptions,
  type LikelihoodOptions,
} from './likelihoods.js';
export {
  binaryCrossEntropy,
  huber,
  meanAbsoluteError,
  meanSquaredError,
  smoothL1,
  type HuberOptions,
} from './losses.js';
export {
  cosineEmbedding,
  hinge,
  hingeEmbedding,
  marginRanking,
  tripletMargin,
  type MarginOptions,
  type TripletOptions,
} from './margins.js';
export { applyMasks, initMasks, masked, type MaskArgument, type Masked, type Masks } from './masked.js';
export {
  multiHeadAttention,
  type AttentionCall,
  type AttentionLayer,
  type AttentionParams,
  type MultiHeadOptions,
} from './multi-head-attention.js';
export { rotary, sinusoidalPositions, type PositionOptions, type RotaryOptions } from './positions.js';
export { prelu, type PreluParams } from './prelu.js';
export { nOfMMasks, topKMasks } from './exact-masks.js';
export { magnitudePrune, rewind } from './prune.js';
export {
  gru,
  lstm,
  type LstmState,
  type RecurrentLayer,
  type RecurrentOptions,
  type RecurrentParams,
} from './recurrent.js';
export { residual, type Branches, type ResidualOptions } from './residual.js';
export type { LossOptions } from './reduction.js';
export { flatten, sequential, type Sequential } from './sequential.js';
export {
  cosineSimilarity,
  normalize,
  pairwiseDistance,
  type CosineOptions,
  type DistanceOptions,
  type NormalizeOptions,
} from './similarity.js';
export { fromStateDict, toStateDict, type AnyLayer, type LayerTrees, type StateDictOptions } from './state-dict.js';
export { summary, type LayerSummary, type Summary, type SummaryOptions } from './summary.js';
export { elu, gelu, leakyRelu, logSoftmax, maxPool2d, relu, sigmoid, softmax, softplus, tanh } from '../ops/index.js';
