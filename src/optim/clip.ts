import { kindOf } from '../core/dtype.js';
import { leaves, mapTree } from '../core/tree.js';
import { cast, clamp, div, greater, mul, stack, where } from '../ops/index.js';
import { norm } from './norm.js';

/** Turns gradients into others of the same structure. */
export type GradientTransform = <G>(grads: G) => G;

/** Scales all gradients by max / norm where their joint Euclidean norm exceeds `max`. */
export function clipByGlobalNorm(max: number): GradientTransform {
  if (!(typeof max === 'number' && max > 0))
    throw new RangeError(`clipByGlobalNorm: expected a norm above 0, got ${kindOf(max)}`);
  return (grads) => {
    const all = leaves(grads);
    if (all.length === 0) return grads;
    const whole = norm(stack(all.map((g) => cast(norm(g), all[0]!.dtype))));
    const over = greater(whole, max);
    const scale = where(over, div(max, whole), 1);
    return mapTree((g) => mul(g, cast(scale, g.dtype)), grads);
  };
}

/** Limits every element of every gradient to -max .. max. */
export function clipByValue(max: number): GradientTransform {
  if (!(typeof max === 'number' && max > 0))
    throw new RangeError(`clipByValue: expected a limit above 0, got ${kindOf(max)}`);
  return (grads) => mapTree((g) => clamp(g, -max, max), grads);
}
