import type { Context, Method } from '../lab/records.js';
import type { Measurement } from './alloy.js';
import { linearInSimulation, meanPredictor, rawSimulation, type Baseline } from './baselines.js';
import type { AlloyTask } from './tasks.js';

/** A predictor of strengths as a method for every task on alloys. */
const baseline = (name: string, title: string, about: string, learn: Baseline): Method<Measurement> => ({
  name,
  title,
  about,
  config: {},
  steps: () => 0,
  train: ({ task, train }: Context<Measurement>) => {
    const predict = learn(train);
    return Promise.resolve({
      predict: (items) => Promise.resolve(items.map((item) => (task as AlloyTask).ofStrength(predict(item)))),
    });
  },
});

/** The methods without a network, in the order of tables. */
export const BASELINES: readonly Method<Measurement>[] = [
  baseline('mean', 'Mean predictor', 'predicts the mean of the training points', meanPredictor),
  baseline('simulation', 'Raw simulation', 'predicts the simulated strength', rawSimulation),
  baseline(
    'linear',
    'Linear in T and simulation',
    'fits a plane in temperature and simulated strength',
    linearInSimulation,
  ),
];
