import { atLeast, count, finite, listThat } from '../core/check.js';
import { checkFloat } from '../core/op.js';
import { checkOptions } from '../core/options.js';
import type { Tensor } from '../core/tensor.js';
import { show } from '../core/words.js';
import { add, cast, cos, div, less, like, minimum, mul, pow, where } from '../ops/index.js';

/** A learning rate as a function of the step count, a scalar float tensor that is 0 at first. */
export type Schedule = (step: Tensor) => Tensor;

/** A schedule that names `who` where the step is no tensor of floats. */
const schedule =
  (who: string, f: Schedule): Schedule =>
  (step) =>
    f(checkFloat(who, step));

const rate = { needed: atLeast(0) };
const steps = { needed: count };

/**
 * Always `value`.
 * @example
 * constantSchedule(0.1)(tensor(7)); // float32[] on cpu 0.1
 */
export function constantSchedule(value: number): Schedule {
  atLeast(0)('constantSchedule', 'value', value);
  return schedule('constantSchedule', (step) => like(step, value, step.shape));
}

/**
 * initial * factor^floor(step / every).
 * @example
 * stepDecay({ initial: 0.1, every: 100, factor: 0.5 })(tensor(150)); // float32[] on cpu 0.05
 * const optimizer = sgd({ learningRate: stepDecay({ initial: 0.1, every: 100, factor: 0.5 }) });
 */
export function stepDecay(options: {
  readonly initial: number;
  readonly every: number;
  readonly factor: number;
}): Schedule {
  const { initial, every, factor } = checkOptions('stepDecay', options, {
    initial: rate,
    every: steps,
    factor: rate,
  });
  return schedule('stepDecay', (step) =>
    mul(pow(like(step, factor, step.shape), cast(cast(div(step, every), 'int32'), step.dtype)), initial),
  );
}

/**
 * From `initial` to `final` (0) over `steps` along half a cosine, then constant.
 * @example
 * cosine({ initial: 1, steps: 100 })(tensor(50)); // float32[] on cpu 0.5
 */
export function cosine(options: {
  readonly initial: number;
  readonly steps: number;
  readonly final?: number;
}): Schedule {
  const {
    initial,
    steps: length,
    final = 0,
  } = checkOptions('cosine', options, { initial: rate, steps, final: atLeast(0) });
  return schedule('cosine', (step) =>
    add(mul(add(cos(mul(minimum(step, length), Math.PI / length)), 1), (initial - final) / 2), final),
  );
}
/**
 * From 0 to `value` in equal steps over `steps`, then constant.
 * @example
 * linearWarmup({ value: 0.1, steps: 100 })(tensor(50)); // float32[] on cpu 0.05
 */
export function linearWarmup(options: { readonly value: number; readonly steps: number }): Schedule {
  const { value, steps: length } = checkOptions('linearWarmup', options, { value: rate, steps });
  return schedule('linearWarmup', (step) => mul(minimum(step, length), value / length));
}

/**
 * initial * factor^(step / every), without jumps.
 * @example
 * exponentialDecay({ initial: 1, every: 100, factor: 0.5 })(tensor(50));
 * // float32[] on cpu 0.707107
 */
export function exponentialDecay(options: {
  readonly initial: number;
  readonly every: number;
  readonly factor: number;
}): Schedule {
  const { initial, every, factor } = checkOptions('exponentialDecay', options, {
    initial: rate,
    every: steps,
    factor: rate,
  });
  return schedule('exponentialDecay', (step) => mul(pow(like(step, factor, step.shape), div(step, every)), initial));
}

/**
 * values[i] while boundaries[i - 1] <= step < boundaries[i]. Boundaries rise, and there is one
 * value more than boundaries.
 * @example
 * piecewise({ values: [0.1, 0.01], boundaries: [100] })(tensor(150)); // float32[] on cpu 0.01
 */
export function piecewise(options: {
  readonly values: readonly number[];
  readonly boundaries: readonly number[];
}): Schedule {
  const { values, boundaries } = checkOptions('piecewise', options, {
    values: { needed: listThat(atLeast(0)) },
    boundaries: { needed: listThat(finite) },
  });
  if (values.length !== boundaries.length + 1 || boundaries.some((b, i) => !(b > (boundaries[i - 1] ?? 0))))
    throw new RangeError(
      `piecewise: expected rising boundaries above 0 and one value more, got ${show(boundaries)} and ${values.length} values`,
    );
  return schedule('piecewise', (step) =>
    boundaries.reduce((rate, b, i) => where(less(step, b), rate, values[i + 1]!), like(step, values[0]!, step.shape)),
  );
}
