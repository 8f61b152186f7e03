import { aFunction, atLeast, count, finite, listThat, type Check } from '../core/check.js';
import { checkFloat } from '../core/op.js';
import { checkOptions } from '../core/options.js';
import { broadcastsTo } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { show } from '../core/words.js';
import { add, broadcastTo, cast, cos, div, less, like, minimum, mul, pow, sub, where } from '../ops/index.js';

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
  checkBoundaries('piecewise', boundaries, 'value', values.length);
  return schedule('piecewise', (step) =>
    boundaries.reduce((rate, b, i) => where(less(step, b), rate, values[i + 1]!), like(step, values[0]!, step.shape)),
  );
}

/**
 * schedules[i] while boundaries[i - 1] <= step < boundaries[i]. Each counts its steps from its own
 * beginning, and gives a number, a scalar, or a tensor of the shape of its steps. Boundaries rise,
 * and there is one schedule more than boundaries.
 * @example
 * const [rise, fall] = [linearWarmup({ value: 1, steps: 10 }), cosine({ initial: 1, steps: 90 })];
 * const schedule = joinSchedules({ schedules: [rise, fall], boundaries: [10] });
 * schedule(tensor([5, 10, 55, 100])); // float32[4] on cpu [0.5, 1, 0.5, 0]
 */
export function joinSchedules(options: {
  readonly schedules: readonly ((step: Tensor) => Tensor | number)[];
  readonly boundaries: readonly number[];
}): Schedule {
  const { schedules, boundaries } = checkOptions('joinSchedules', options, {
    schedules: { needed: listThat(aSchedule) },
    boundaries: { needed: listThat(finite) },
  });
  checkBoundaries('joinSchedules', boundaries, 'schedule', schedules.length);
  return schedule('joinSchedules', (step) => {
    const [first, ...others] = schedules.map((rateOf, i) =>
      rateLike(step, rateOf(ownStep(step, boundaries[i - 1], boundaries[i]))),
    );
    return others.reduce((before, rate, i) => where(less(step, boundaries[i]!), before, rate), first!);
  });
}

/**
 * step - begin; where another schedule is chosen, a step inside of begin .. end in its place. An
 * infinite derivative there would make that of the chosen one NaN.
 */
function ownStep(step: Tensor, begin: number | undefined, end: number | undefined): Tensor {
  const inside = Math.min(1, ((end ?? Infinity) - (begin ?? 0)) / 2);
  const own = begin === undefined ? step : where(less(step, begin), inside, sub(step, begin));
  return end === undefined ? own : where(less(step, end), own, inside);
}

/** What a schedule of `joinSchedules` gives, in the shape and dtype of its steps. */
function rateLike(step: Tensor, rate: Tensor | number): Tensor {
  const { dtype, shape } = step;
  if (typeof rate === 'number') return like(step, atLeast(0)('joinSchedules', 'what a schedule gives', rate), shape);
  if (!broadcastsTo(checkFloat('joinSchedules', rate).shape, shape))
    throw new RangeError(
      `joinSchedules: expected a schedule to give the shape of its steps ${show(shape)}, got ${show(rate.shape)}`,
    );
  return broadcastTo(cast(rate, dtype), shape);
}

const aSchedule: Check<(step: Tensor) => Tensor | number> = aFunction;

/** Checks that boundaries rise, and that there is one entry more. */
function checkBoundaries(who: string, boundaries: readonly number[], what: string, entries: number): void {
  if (entries !== boundaries.length + 1 || boundaries.some((b, i) => !(b > (boundaries[i - 1] ?? 0))))
    throw new RangeError(
      `${who}: expected rising boundaries above 0 and one ${what} more, got ${show(boundaries)} and ${entries} ${what}s`,
    );
}
