import { valueAndGrad, type Tensor } from 'bigrad';
import { meanSquaredError } from 'bigrad/nn';
import { sgd } from 'bigrad/optim';
import type { FineTuneConfig } from './config.js';
import { batchCount, batches, type Batch, type Dataset } from './dataset.js';
import { predict, type Head, type Statistics, type Trunk } from './network.js';
import type { Model, Tick } from './pretrain.js';

export const fineTuneSteps = (data: Dataset, { epochs, batch }: FineTuneConfig): number =>
  epochs * batchCount(data, batch);

/** The rate of an epoch: divided by 10 after each third of the epochs. */
export const rateOf = (epoch: number, { epochs, learningRate }: FineTuneConfig): number =>
  learningRate * 0.1 ** Math.floor((3 * epoch) / epochs);

/** Trains trunk and measured head on measurements, without masks: No Pretraining from fresh weights, Pretrain-and-transfer from pre-trained ones. */
export async function fineTune(
  { weights, statistics }: Model,
  data: Dataset,
  config: FineTuneConfig,
  seed: number,
  tick: Tick,
): Promise<Model> {
  const loss = (w: { trunk: Trunk; head: Head }, { x, y }: Batch, before: Statistics): [Tensor, Statistics] => {
    const [strengths, next] = predict(w, [], 1, x, before);
    return [meanSquaredError(strengths, y), next];
  };
  const lossAndGrad = valueAndGrad(loss, { hasAux: true });

  let params = { trunk: weights.trunk, head: weights.measured };
  const draw = batches(data, config.batch, seed);
  for (let epoch = 0; epoch < config.epochs; epoch++) {
    const optimizer = sgd({ learningRate: rateOf(epoch, config) });
    let state = optimizer.init(params);
    for (let i = 0; i < batchCount(data, config.batch); i++) {
      const [[, next], gradient] = lossAndGrad(params, draw.next().value, statistics);
      statistics = next;
      [params, state] = optimizer.update(gradient, state, params);
      await tick();
    }
  }
  return { weights: { ...weights, trunk: params.trunk, measured: params.head }, statistics };
}
