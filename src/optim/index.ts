export { adam, type AdamOptions, type AdamState } from './adam.js';
export { jointMask, type JointMaskOptions } from './joint-mask.js';
export type { LearningRate, Optimizer } from './optimizer.js';
export { hardThreshold, softThreshold } from './prox.js';
export { constantSchedule, cosine, stepDecay, type Schedule } from './schedules.js';
export { sgd, type SgdOptions, type SgdState } from './sgd.js';
