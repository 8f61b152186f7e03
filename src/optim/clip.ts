import { kindOf } from '../core/dtype.js';
import type { Tensor } from '../core/tensor.js';
import { leaves, mapTree } from '../core/tree.js';
import { clamp, div, dot, greater, like, mul, sqrt, where } from '../ops/index.js';

/** Turns gradients into others of the same structure. */
export type GradientTransform = <G>(grads: G) => G;

/** Scales all gradients by max / norm where their joint Euclidean norm exceeds `max`. */
export function clipByGlobalNorm(max: number): GradientTransform {
  if (!(max > 0)) throw new RangeError(`clipByGlobalNorm: expected a norm above 0, got ${kindOf(max)}`);
  return (grads) => {
    const [first] = leaves(grads);
    if (!first) return grads;
    const squares = dot(grads, grads);
    const over = greater(squares, max * max);
    const scale: Tensor = where(over, div(max, sqrt(where(over, squares, 1))), like(squares, 1));
    return mapTree((g) => mul(g, scale), grads);
  };
}

/** Limits every element of every gradient to -max .. max. */
export function clipByValue(max: number): GradientTransform {
  if (!(max > 0)) throw new RangeError(`clipByValue: expected a limit above 0, got ${kindOf(max)}`);
  return (grads) => mapTree((g) => clamp(g, -max, max), grads);
}
