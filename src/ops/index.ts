/**
 * Everything the layers above build on: the public ops, and creation functions that take their
 * device.
 */
export { adamStep, type AdamAttrs } from './adam-step.js';
export { limited } from './clamp.js';
export { conv1dOf, conv2dOf, conv3dOf, geometryOf } from './conv-axes.js';
export { gateOf } from './gate.js';
export { fromTypedArray, full, like } from './create.js';
export { normalized } from './normalize.js';
export { crossEntropyOf } from './softmax.js';
export { taken } from './take.js';
export { atLabels } from './take-along.js';
export * from './public.js';
export { checkKey, randomKey } from './random.js';
export { safeRoot } from './safe-root.js';
