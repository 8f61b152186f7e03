import assert from 'node:assert/strict';
import { tensor } from 'bigrad';
import { limitsOf } from '../../src/minimize/minimum.js';
import { epsilonOf, noiseAt } from '../../src/minimize/point.js';
import { f64 } from '../support/numbers.js';

describe('what a search takes for rounding, and for 0', () => {
  const [single, double] = [tensor([1]), f64([1])];

  it('is the distance between numbers of the dtype', () => {
    assert.deepEqual([epsilonOf(single), epsilonOf(double)], [2 ** -23, Number.EPSILON]);
    assert.equal(Math.fround(1 + epsilonOf(single)) > 1 && Math.fround(1 + epsilonOf(single) / 2) === 1, true);
    assert.equal(noiseAt({ x: single, value: -4 }), 40 * 2 ** -23);
  });

  it('is smaller for the larger dtype, unless the options say otherwise', () => {
    assert.deepEqual([limitsOf({}, single).tolerance, limitsOf({}, double).tolerance], [1e-4, 1e-6]);
    assert.deepEqual(limitsOf({ tolerance: 2, maxSteps: 3 }, single), { tolerance: 2, maxSteps: 3 });
  });
});
