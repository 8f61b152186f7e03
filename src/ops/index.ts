/** Everything the layers above build on: the public ops, and creation functions that take their device. */
export { adamStep, type AdamAttrs } from './adam-step.js';
export { full, like } from './create.js';
export * from './public.js';
