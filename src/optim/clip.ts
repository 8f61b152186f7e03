import { numberThat } from '../core/check.js';
import { checkFloat } from '../core/op.js';
import { leavesOf, mapFor } from '../core/tree.js';
import { cast, div, lessEqual, limited, mul, stack, where } from '../ops/index.js';
import { norm } from './norm.js';

/**
 * Turns gradients into others of the same structure; `chain` also gives it the parameters that they
 * are for.
 */
export type GradientTransform = <G>(grads: G, params?: unknown) => G;

/**
 * Scales all gradients by max / norm where their joint Euclidean norm exceeds `max`. A norm that is
 * NaN makes all of them NaN. An infinite one makes them 0, and infinite elements NaN.
 * @param max the largest norm that stays as it is
 * @example
 * clipByGlobalNorm(1)({ w: tensor([3, 4]) }); // { w: float32[2] on cpu [0.6, 0.8] }
 */
export function clipByGlobalNorm(max: number): GradientTransform {
  numberThat('above 0', (v) => v > 0)('clipByGlobalNorm', 'a norm', max);
  return (grads) => {
    const all = leavesOf('clipByGlobalNorm', grads);
    if (all.length === 0) return grads;
    for (const g of all) checkFloat('clipByGlobalNorm', g);
    const whole = norm(stack(all.map((g) => cast(norm(g), all[0]!.dtype))));
    const scale = where(lessEqual(whole, max), 1, div(max, whole)); // so that NaN stays NaN
    return mapFor('clipByGlobalNorm')((g) => mul(g, cast(scale, g.dtype)), grads);
  };
}

/**
 * Limits every element of every gradient to -max .. max.
 * @param max the largest absolute value
 * @example
 * clipByValue(1)({ w: tensor([3, -0.5]) }); // { w: float32[2] on cpu [1, -0.5] }
 */
export function clipByValue(max: number): GradientTransform {
  numberThat('above 0', (v) => v > 0)('clipByValue', 'a limit', max);
  return (grads) => mapFor('clipByValue')((g) => limited('clipByValue', g, -max, max), grads);
}
