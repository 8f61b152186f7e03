import { compile } from 'bigrad';
import type { FineTuneConfig } from './config.js';
import { batchCount, batches, type Batch, type Dataset } from './dataset.js';
import { descend } from './descend.js';
import type { Statistics } from './network.js';
import { lossAndGradient, type Branch, type Model, type Tick } from './pretrain.js';

export const fineTuneSteps = (data: Dataset, { epochs, batch }: FineTuneConfig): number =>
  epochs * batchCount(data, batch);

/** The rate of an epoch: divided by 10 after each third of the epochs. */
export const rateOf = (epoch: number, { epochs, learningRate }: FineTuneConfig): number =>
  learningRate * 0.1 ** Math.floor((3 * epoch) / epochs);

/** Trains trunk and measured head on measurements by SGD, without masks: No Pretraining from fresh weights, Pretrain-and-transfer from pre-trained ones. */
export async function fineTune(
  { weights, statistics }: Model,
  data: Dataset,
  config: FineTuneConfig,
  seed: number,
  tick: Tick,
): Promise<Model> {
  const step = compile((w: Branch, before: Statistics, batch: Batch, rate: number) => {
    const [[, after], gradient] = lossAndGradient(w, batch, before);
    return [descend(w, gradient, rate), after] as const;
  });
  let params: Branch = { trunk: weights.trunk, head: weights.measured };
  const draw = batches(data, config.batch, seed);
  for (let epoch = 0; epoch < config.epochs; epoch++)
    for (let i = 0; i < batchCount(data, config.batch); i++) {
      [params, statistics] = step(params, statistics, draw.next().value, rateOf(epoch, config));
      await tick();
    }
  return { weights: { ...weights, trunk: params.trunk, measured: params.head }, statistics };
}
