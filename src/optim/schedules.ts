import type { Tensor } from '../core/tensor.js';
import { add, cast, cos, div, like, minimum, mul, pow } from '../ops/index.js';
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
export function stepDecay({
  initial,
  every,
  factor,
}: {
  readonly initial: number;
  readonly every: number;
  readonly factor: number;
}): Schedule {
  checkRange('stepDecay', 'initial', initial, 0);
  checkSteps('stepDecay', 'every', every);
  checkRange('stepDecay', 'factor', factor, 0);
  return (step) => mul(pow(like(step, factor), cast(cast(div(step, every), 'int32'), step.dtype)), initial);
}

/** From `initial` to `final` (0) over `steps` along half a cosine, then constant. */
export function cosine({
  initial,
  steps,
  final = 0,
}: {
  readonly initial: number;
  readonly steps: number;
  readonly final?: number;
}): Schedule {
  checkRange('cosine', 'initial', initial, 0);
  checkRange('cosine', 'final', final, 0);
  checkSteps('cosine', 'steps', steps);
  return (step) => add(mul(add(cos(mul(minimum(step, steps), Math.PI / steps)), 1), (initial - final) / 2), final);
}
