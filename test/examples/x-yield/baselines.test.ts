import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  linearInSimulation,
  type Measurement,
  meanPredictor,
  meanSquaredError,
  rawSimulation,
  syntheticExperiment,
  yieldStrength,
} from '../../../examples/x-yield/index.js';
import { alloy, measurement } from './arbitraries.js';
import { near } from './near.js';

const coefficient = fc.double({ min: -2, max: 2, noNaN: true });
const some = fc.array(measurement, { minLength: 1, maxLength: 12 });

describe('baselines', () => {
  it('predict the mean of the training strengths', () => {
    const predict = meanPredictor([1, 2, 6].map((strength) => ({ ...syntheticExperiment(0)[0]!, strength })));
    assert.equal(predict({ fractions: [], temperature: 1 }), 3);
  });

  it('predict the simulated strength', () => {
    fc.assert(fc.property(alloy, (a) => rawSimulation([])(a) === yieldStrength(a.fractions, a.temperature)));
  });

  it('recover a law that is linear in temperature and simulated strength', () => {
    const alloys = syntheticExperiment(1, 30);
    fc.assert(
      fc.property(coefficient, coefficient, coefficient, (a, b, c) => {
        const law = ({ fractions, temperature }: Measurement) =>
          a + (b * temperature) / 1000 + c * yieldStrength(fractions, temperature);
        const predict = linearInSimulation(alloys.slice(0, 20).map((m) => ({ ...m, strength: law(m) })));
        for (const m of alloys) near(predict(m), law(m), 1e-9);
      }),
    );
  });

  it('fit the training points no worse than their mean does, however few or alike they are', () => {
    fc.assert(
      fc.property(some, fc.boolean(), (points, alike) => {
        const train = alike ? points.map((m) => ({ ...points[0]!, strength: m.strength })) : points;
        const strengths = train.map((m) => m.strength);
        const error = (predict: ReturnType<typeof meanPredictor>) => meanSquaredError(train.map(predict), strengths);
        assert.ok(error(linearInSimulation(train)) <= error(meanPredictor(train)) + 1e-9);
      }),
    );
  });

  it('stay near the only point, and on the line through two', () => {
    const [one, two] = syntheticExperiment(2, 20) as [Measurement, Measurement];
    near(linearInSimulation([one])({ ...one, temperature: 1500 }), one.strength, 1e-12);
    const predict = linearInSimulation([one, two]);
    near(predict(one), one.strength, 1e-5);
    near(predict(two), two.strength, 1e-5);
  });

  it('need a training point', () => {
    for (const baseline of [meanPredictor, linearInSimulation]) assert.throws(() => baseline([]), RangeError);
  });
});
