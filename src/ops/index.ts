/** Everything the layers above build on: the public ops, and creation functions that take their device. */
export { full, like } from './create.js';
export * from './public.js';
