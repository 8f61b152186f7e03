/**
 * What an op of your own is written with, and what a device of your own gets to run.
 *
 * @module bigrad/extend
 */
export {
  aFloatType,
  aFunction,
  anyNumber,
  atLeast,
  between,
  count,
  finite,
  flag,
  integer,
  listOf,
  oneOf,
  positive,
  whole,
  type Check,
} from '../core/check.js';
export {
  checkFloat,
  checkTensor,
  sameDType,
  sameFloat,
  type MultiOp,
  type One,
  type Op,
  type SimpleOp,
  type Three,
  type Two,
  type VariadicOp,
  type Vjp,
} from '../core/op.js';
export { checkOptions, type Checks, type Needed } from '../core/options.js';
export { broadcastShapes, checkAxes, checkAxis, checkShape, sizeOf } from '../core/shape.js';
export type {
  AnyOp,
  BatchCall,
  Call,
  Dense,
  Each,
  EachStep,
  Id,
  Loop,
  Node,
  OpSpec,
  Plan,
  PlanCall,
  PlanOptions,
  PlanStep,
  Program,
  Rule,
  Running,
  Scope,
  Spec,
  Traits,
  VariadicRule,
  View,
  Watcher,
} from '../core/tensor.js';
export { kindOf, show } from '../core/words.js';
export type { BinaryRule, ElementwiseOptions } from '../ops/define-elementwise.js';
export { binary, defineMultiOp, defineOp, defineVariadicOp, unary } from './define.js';
