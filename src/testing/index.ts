/**
 * What tests of ops and devices are written with.
 *
 * @module bigrad/testing
 */
export {
  broadcastableArbitrary,
  shapeArbitrary,
  tensorArbitrary,
  treeArbitrary,
  type ShapeOptions,
  type TensorOptions,
  type TreeOptions,
} from './arbitraries.js';
export { checkGrads, type CheckOptions } from './check-grads.js';
export { GradientError } from './gradient-error.js';
export type { Make, OpCase, OpEntry } from './op-case.js';
export { opTable } from './op-table.js';
export { parity, ParityError, type ParityOptions } from './parity.js';
