import { checkOptions } from '../core/options.js';
import type { Tensor } from '../core/tensor.js';
import { add, cast, cos, div, less, like, minimum, mul, pow, where } from '../ops/index.js';
import { checkRange } from './optimizer.js';

/** A learning rate as a function of the step count, a scalar float tensor that is 0 at first. */
export type Schedule = (step: Tensor) => Tensor;

const checkSteps = (who: string, name: string, n: number): number => {
  if (!Number.isInteger(n) || n < 1)
    throw new RangeError(`${who}: expected ${name} to be a positive integer, got ${n}`);
  return n;
};

/** Always `value`. */
export function constantSchedule(value: number): Schedule {
  checkRange('constantSchedule', 'value', value, 0);
  return (step) => like(step, value);
}

/** initial * factor^floor(step / every). */
export function stepDecay(options: {
  readonly initial: number;
  readonly every: number;
  readonly factor: number;
}): Schedule {
  const { initial, every, factor } = checkOptions('stepDecay', options, ['initial', 'every', 'factor']);
  checkRange('stepDecay', 'initial', initial, 0);
  checkSteps('stepDecay', 'every', every);
  checkRange('stepDecay', 'factor', factor, 0);
  return (step) => mul(pow(like(step, factor), cast(cast(div(step, every), 'int32'), step.dtype)), initial);
}

/** From `initial` to `final` (0) over `steps` along half a cosine, then constant. */
export function cosine(options: {
  readonly initial: number;
  readonly steps: number;
  readonly final?: number;
}): Schedule {
  const { initial, steps, final = 0 } = checkOptions('cosine', options, ['initial', 'steps', 'final']);
  checkRange('cosine', 'initial', initial, 0);
  checkRange('cosine', 'final', final, 0);
  checkSteps('cosine', 'steps', steps);
  return (step) => add(mul(add(cos(mul(minimum(step, steps), Math.PI / steps)), 1), (initial - final) / 2), final);
}
/** From 0 to `value` in equal steps over `steps`, then constant. */
export function linearWarmup(options: { readonly value: number; readonly steps: number }): Schedule {
  const { value, steps } = checkOptions('linearWarmup', options, ['value', 'steps']);
  checkRange('linearWarmup', 'value', value, 0);
  checkSteps('linearWarmup', 'steps', steps);
  return (step) => mul(minimum(step, steps), value / steps);
}

/** initial * factor^(step / every), without jumps. */
export function exponentialDecay(options: {
  readonly initial: number;
  readonly every: number;
  readonly factor: number;
}): Schedule {
  const { initial, every, factor } = checkOptions('exponentialDecay', options, ['initial', 'every', 'factor']);
  checkRange('exponentialDecay', 'initial', initial, 0);
  checkSteps('exponentialDecay', 'every', every);
  checkRange('exponentialDecay', 'factor', factor, 0);
  return (step) => mul(pow(like(step, factor), div(step, every)), initial);
}

/** values[i] while boundaries[i - 1] <= step < boundaries[i]: one value more than boundaries, which rise. */
export function piecewise(options: {
  readonly values: readonly number[];
  readonly boundaries: readonly number[];
}): Schedule {
  const { values, boundaries } = checkOptions('piecewise', options, ['values', 'boundaries']);
  for (const value of values) checkRange('piecewise', 'values', value, 0);
  if (values.length !== boundaries.length + 1 || boundaries.some((b, i) => !(b > (boundaries[i - 1] ?? 0))))
    throw new RangeError(
      `piecewise: expected rising boundaries above 0 and one value more, got [${boundaries.join(',')}] and ${values.length} values`,
    );
  return (step) =>
    boundaries.reduce((rate, b, i) => where(less(step, b), rate, values[i + 1]!), like(step, values[0]!));
}
