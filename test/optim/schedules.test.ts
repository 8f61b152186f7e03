import assert from 'node:assert/strict';
import fc from 'fast-check';
import { add, div, grad, mul, sqrt, sub, tensor, zeros, type Tensor } from 'bigrad';
import {
  adam,
  constantSchedule,
  cosine,
  exponentialDecay,
  joinSchedules,
  linearWarmup,
  piecewise,
  sgd,
  stepDecay,
  type Schedule,
} from 'bigrad/optim';
import { f64, value } from '../support/numbers.js';
import { near } from '../support/close.js';
import { refuses } from '../support/refuses.js';

const rates = fc.double({ min: 0, max: 10, noNaN: true });
const counts = fc.integer({ min: 1, max: 500 });
const steps = fc.integer({ min: 0, max: 1000 });
const at = (schedule: Schedule, step: number): number => value(schedule(f64(step)));

describe('schedules', () => {
  it('constant: always the value', () => {
    fc.assert(
      fc.property(rates, steps, (rate, step) => {
        near(at(constantSchedule(rate), step), rate);
      }),
    );
  });

  it('stepDecay: initial * factor^floor(step / every)', () => {
    fc.assert(
      fc.property(rates, counts, fc.double({ min: 0, max: 1, noNaN: true }), steps, (initial, every, factor, step) => {
        near(at(stepDecay({ initial, every, factor }), step), initial * factor ** Math.floor(step / every));
      }),
    );
  });

  it('stepDecay: changes exactly at multiples of `every`, in float32 too', () => {
    for (const every of [1, 3, 7, 49, 1000])
      for (const k of [1, 2, 5]) {
        const schedule = stepDecay({ initial: 1, every, factor: 0.5 });
        const single = (step: number): number => value(schedule(tensor(step)));
        assert.deepEqual([single(k * every - 1), single(k * every)], [0.5 ** (k - 1), 0.5 ** k]);
      }
  });

  it('cosine: final + (initial - final) (1 + cos(pi step / steps)) / 2, constant after its steps', () => {
    fc.assert(
      fc.property(rates, rates, counts, steps, (initial, final, count, step) => {
        const t = Math.min(step, count) / count;
        near(
          at(cosine({ initial, final, steps: count }), step),
          final + ((initial - final) * (1 + Math.cos(Math.PI * t))) / 2,
        );
      }),
    );
  });

  it('cosine: starts at the initial rate, is half-way in the middle, and ends at 0', () => {
    const schedule = cosine({ initial: 3, steps: 10 });
    near(
      [0, 5, 10, 11, 1000].map((step) => at(schedule, step)),
      [3, 1.5, 0, 0, 0],
    );
  });

  it('cosine: never increases from a higher to a lower rate', () => {
    fc.assert(
      fc.property(rates, counts, steps, (initial, count, step) => {
        const schedule = cosine({ initial, steps: count });
        assert.ok(at(schedule, step + 1) <= at(schedule, step) + 1e-12);
      }),
    );
  });

  it('linearWarmup: value * min(step, steps) / steps', () => {
    fc.assert(
      fc.property(rates, counts, steps, (rate, count, step) => {
        near(at(linearWarmup({ value: rate, steps: count }), step), (rate * Math.min(step, count)) / count);
      }),
    );
    near(
      [0, 1, 4, 5, 6, 1000].map((step) => at(linearWarmup({ value: 2, steps: 5 }), step)),
      [0, 0.4, 1.6, 2, 2, 2],
    );
  });

  it('exponentialDecay: initial * factor^(step / every), which stepDecay meets at multiples of `every`', () => {
    fc.assert(
      fc.property(
        rates,
        counts,
        fc.double({ min: 0, max: 1.5, noNaN: true }),
        steps,
        (initial, every, factor, step) => {
          const schedule = exponentialDecay({ initial, every, factor });
          near(at(schedule, step), initial * factor ** (step / every));
          const k = step % 5;
          near(at(schedule, k * every), at(stepDecay({ initial, every, factor }), k * every));
        },
      ),
    );
    near(at(exponentialDecay({ initial: 3, every: 4, factor: 0 }), 0), 3, 0);
    near(at(exponentialDecay({ initial: 3, every: 4, factor: 0 }), 1), 0, 0);
  });

  it('piecewise: values[i] from boundaries[i - 1] on, until boundaries[i], at every step', () => {
    const pieces = fc
      .uniqueArray(fc.integer({ min: 1, max: 40 }), { maxLength: 5 })
      .map((list) => list.sort((a, b) => a - b))
      .chain((boundaries) =>
        fc.tuple(fc.constant(boundaries), fc.array(rates, { minLength: 6, maxLength: 6 })).map(([b, v]) => ({
          boundaries: b,
          values: v.slice(0, b.length + 1),
        })),
      );
    fc.assert(
      fc.property(pieces, ({ boundaries, values }) => {
        const schedule = piecewise({ boundaries, values });
        for (let step = 0; step <= 42; step++)
          near(at(schedule, step), values[boundaries.filter((b) => b <= step).length]!, 0);
      }),
    );
    near(
      [0, 2, 3, 4].map((step) => at(piecewise({ boundaries: [3], values: [1, 0.5] }), step)),
      [1, 1, 0.5, 0.5],
      0,
    );
  });

  it('joinSchedules: each schedule from its boundary on, with steps counted from there', () => {
    const rises = fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(rises, fc.integer({ min: 0, max: 50 }), (list, step) => {
        const boundaries = list.sort((a, b) => a - b);
        const schedules = [0, ...boundaries].map((_, i) => (s: Tensor) => add(mul(s, 0.01), i));
        const place = boundaries.filter((b) => b <= step).length;
        near(at(joinSchedules({ schedules, boundaries }), step), place + 0.01 * (step - (boundaries[place - 1] ?? 0)));
      }),
    );
    const warm = joinSchedules({
      schedules: [linearWarmup({ value: 2, steps: 4 }), cosine({ initial: 2, steps: 10 }), () => 0.5],
      boundaries: [4, 20],
    });
    near(
      [0, 2, 4, 9, 14, 19, 20, 99].map((step) => at(warm, step)),
      [0, 1, 2, 1, 0, 0, 0.5, 0.5],
    );
  });

  it('joinSchedules: takes a schedule that is NaN below 0, derivatives included', () => {
    const rate = (scale: Tensor): Tensor =>
      joinSchedules({ schedules: [() => scale, (s) => mul(scale, sqrt(s))], boundaries: [3] })(f64(2));
    near(grad(rate)(f64(5)), 1);
  });

  it('joinSchedules: takes a schedule that is infinite outside of its own steps, derivatives included', () => {
    const pole = (scale: Tensor, t: Tensor): Tensor => div(scale, sqrt(t));
    const rate = (step: number) => (scale: Tensor) =>
      joinSchedules({
        schedules: [(s) => pole(scale, sub(3, s)), (s) => pole(scale, add(s, 1)), (s) => pole(scale, s)],
        boundaries: [3, 4],
      })(f64(step));
    near(
      [0, 2, 3, 5, 8].map((step) => value(grad(rate(step))(f64(5)))),
      [1 / Math.sqrt(3), 1, 1, 1, 0.5],
    );
  });

  it('joinSchedules: has the shape of its steps, one schedule alone too', () => {
    const [one, ramp] = [() => 0.5, (s: Tensor) => mul(s, 0.1)];
    for (const shape of [[], [3], [2, 2]]) {
      const steps = zeros(shape);
      for (const [schedules, boundaries] of [
        [[one], []],
        [[() => f64(0.5)], []],
        [[one, one], [2]],
        [[() => f64(0.5), ramp], [2]],
      ] as [((s: Tensor) => Tensor | number)[], number[]][])
        assert.deepEqual(joinSchedules({ schedules, boundaries })(steps).shape, shape);
    }
    refuses(
      () => joinSchedules({ schedules: [() => zeros([2])], boundaries: [] })(zeros([3])),
      RangeError,
      'joinSchedules: expected a schedule to give the shape of its steps [3], got [2]',
    );
  });

  const makers: Record<string, Schedule> = {
    constantSchedule: constantSchedule(0.1),
    stepDecay: stepDecay({ initial: 0.2, every: 3, factor: 0.5 }),
    cosine: cosine({ initial: 0.3, steps: 7, final: 0.01 }),
    linearWarmup: linearWarmup({ value: 0.2, steps: 5 }),
    exponentialDecay: exponentialDecay({ initial: 0.3, every: 4, factor: 0.5 }),
    piecewise: piecewise({ values: [0.1, 0.3, 0.2], boundaries: [2, 6] }),
    joinSchedules: joinSchedules({ schedules: [linearWarmup({ value: 1, steps: 3 }), () => 0.2], boundaries: [3] }),
  };
  for (const [name, schedule] of Object.entries(makers))
    it(`${name}: is the rate of each step of an optimizer, for parameters of both dtypes`, () => {
      for (const dtype of ['float32', 'float64'] as const) {
        const { init, update } = sgd({ learningRate: schedule });
        const start = tensor(0, { dtype });
        let [p, state] = [start, init(start)];
        let expected = 0;
        for (let step = 0; step < 12; step++) {
          [p, state] = update(tensor(-1, { dtype }), state, p);
          expected += at(schedule, step);
          near(p, expected, dtype === 'float32' ? 1e-6 : 1e-12);
          assert.equal(p.dtype, dtype);
        }
      }
      const [fixed, scheduled] = [0.25, () => f64(0.25)].map((learningRate) => {
        const { init, update } = adam({ learningRate });
        return update(f64(1), init(f64(1)), f64(1))[0];
      }) as [Tensor, Tensor];
      near(fixed, scheduled, 0);
    });

  it('may be functions of tensors that are differentiated: the rate itself', () => {
    const moved = (rate: Tensor): Tensor => {
      const { init, update } = sgd({ learningRate: () => rate });
      return update(f64(3), init(f64(1)), f64(1))[0];
    };
    near(grad(moved)(f64(0.1)), -3);
  });

  it('give scalars of the dtype of the step', () => {
    for (const dtype of ['float32', 'float64'] as const)
      for (const schedule of [
        constantSchedule(1),
        stepDecay({ initial: 1, every: 2, factor: 0.5 }),
        cosine({ initial: 1, steps: 5 }),
        linearWarmup({ value: 1, steps: 5 }),
        exponentialDecay({ initial: 1, every: 2, factor: 0.5 }),
        piecewise({ values: [1, 2], boundaries: [2] }),
        joinSchedules({ schedules: [() => f64(1), () => 2], boundaries: [2] }),
      ]) {
        const rate = schedule(tensor(3, { dtype }));
        assert.deepEqual([rate.dtype, rate.shape], [dtype, []]);
      }
  });
});
