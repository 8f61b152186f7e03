/**
 * Shapes, tensors and trees that fast-check draws. It needs the package fast-check.
 *
 * @module bigrad/arbitraries
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
