import assert from 'node:assert/strict';
import fc from 'fast-check';
import { tensor } from 'bigrad';
import { constantSchedule, cosine, stepDecay, type Schedule } from 'bigrad/optim';
import { f64, near, value } from '../nn/numbers.js';

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
    near([0, 5, 10, 11, 1000].map((step) => at(schedule, step)), [3, 1.5, 0, 0, 0]); // prettier-ignore
  });

  it('cosine: never increases from a higher to a lower rate', () => {
    fc.assert(
      fc.property(rates, counts, steps, (initial, count, step) => {
        const schedule = cosine({ initial, steps: count });
        assert.ok(at(schedule, step + 1) <= at(schedule, step) + 1e-12);
      }),
    );
  });

  it('give scalars of the dtype of the step', () => {
    for (const dtype of ['float32', 'float64'] as const)
      for (const schedule of [
        constantSchedule(1),
        stepDecay({ initial: 1, every: 2, factor: 0.5 }),
        cosine({ initial: 1, steps: 5 }),
      ]) {
        const rate = schedule(tensor(3, { dtype }));
        assert.deepEqual([rate.dtype, rate.shape], [dtype, []]);
      }
  });
});
