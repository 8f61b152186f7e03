import type { Backend } from 'bigrad';
import type { FineTuneConfig } from './config.js';
import { batchCount, batches, type Batch, type Dataset } from './dataset.js';
import { descend } from './descend.js';
import { scoped } from './device.js';
import type { Statistics } from './network.js';
import { lossAndGradient, type Branch, type Model, type Observe, type Tick } from './pretrain.js';
import { trainingStep } from './training-step.js';
import { copyTo, toMainMemory } from './trees.js';

/** What a step takes and gives. */
interface State {
  readonly params: Branch;
  readonly statistics: Statistics;
}

export const fineTuneSteps = (data: Dataset, { epochs, batch }: FineTuneConfig): number =>
  epochs * batchCount(data, batch);

/** The rate of an epoch: divided by 10 after each third of the epochs. */
export const rateOf = (epoch: number, { epochs, learningRate }: FineTuneConfig): number =>
  learningRate * 0.1 ** Math.floor((3 * epoch) / epochs);

/**
 * Trains trunk and measured head on measurements by SGD, without masks: No Pretraining from fresh
 * weights, Pretrain-and-transfer from pre-trained ones.
 */
export const fineTune = (
  { weights, statistics }: Model,
  data: Dataset,
  config: FineTuneConfig,
  seed: number,
  tick: Tick,
  device: Backend,
  observe: Observe = () => Promise.resolve(),
): Promise<Model> =>
  scoped(device, async () => {
    const step = trainingStep(device, (before: State, batch: Batch, rate: number): State => {
      const [[, after], gradient] = lossAndGradient(before.params, batch, before.statistics);
      return { params: descend(before.params, gradient, rate), statistics: after };
    });
    let state: State = copyTo({ params: { trunk: weights.trunk, head: weights.measured }, statistics }, device);
    const now = async (): Promise<Model> => {
      const { params, statistics: after } = await toMainMemory(state);
      return { weights: { ...weights, trunk: params.trunk, measured: params.head }, statistics: after };
    };
    const draw = batches(data, config.batch, seed, device);
    await observe(0, now);
    for (let epoch = 0; epoch < config.epochs; epoch++) {
      for (let i = 0; i < batchCount(data, config.batch); i++) {
        state = await step(state, draw.next().value, rateOf(epoch, config));
        await tick();
      }
      await observe(epoch + 1, now);
    }
    return now();
  });
