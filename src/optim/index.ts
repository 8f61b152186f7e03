/**
 * Optimizers, schedules, proximal operators and projections.
 *
 * @module bigrad/optim
 */
export { adagrad, type AdagradOptions, type AdagradState } from './adagrad.js';
export { adam, adamw, type AdamOptions, type AdamState } from './adam.js';
export { clipByGlobalNorm, clipByValue, type GradientTransform } from './clip.js';
export { chain, proximal } from './compose.js';
export { descend } from './descend.js';
export { jointMask, type JointMaskOptions } from './joint-mask.js';
export { lars, normalizeByRms, type LarsOptions, type NormalizeByRmsOptions } from './layer-steps.js';
export type { LearningRate, Optimizer } from './optimizer.js';
export { partition, type PartitionState } from './partition.js';
export { projectBox, projectL2Ball, projectNonNegative, projectSimplex } from './project.js';
export { elasticNet, groupLasso, hardThreshold, softThreshold } from './prox.js';
export { rmsprop, type RmspropOptions, type RmspropState } from './rmsprop.js';
export {
  constantSchedule,
  cosine,
  exponentialDecay,
  joinSchedules,
  linearWarmup,
  piecewise,
  stepDecay,
  type Schedule,
} from './schedules.js';
export { sgd, type SgdOptions, type SgdState } from './sgd.js';
export * from '../minimize/index.js';
