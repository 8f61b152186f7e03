import { valueAndGrad, type Tensor } from 'bigrad';
import { meanSquaredError } from 'bigrad/nn';
import { adam, cosine } from 'bigrad/optim';
import type { PretrainConfig } from './config.js';
import { batchCount, batches, type Batch, type Dataset } from './dataset.js';
import { initStatistics, predict, type Head, type Statistics, type Trunk, type Weights } from './network.js';

/** A network and its batch-norm statistics. */
export interface Model {
  readonly weights: Weights;
  readonly statistics: Statistics;
}

/** Called after each step; rejects to stop the training. */
export type Tick = () => Promise<void>;

export const pretrainSteps = (data: Dataset, { epochs, batch }: PretrainConfig): number =>
  epochs * batchCount(data, batch);

/** Trains trunk and simulated head on simulated strengths, without masks; the measured head starts as the simulated one. */
export async function pretrain(
  start: Weights,
  data: Dataset,
  config: PretrainConfig,
  seed: number,
  tick: Tick,
): Promise<Model> {
  const steps = pretrainSteps(data, config);
  const optimizer = adam({ learningRate: cosine({ initial: config.learningRate, steps }) });
  const loss = (w: { trunk: Trunk; head: Head }, { x, y }: Batch, statistics: Statistics): [Tensor, Statistics] => {
    const [strengths, next] = predict(w, [], 1, x, statistics);
    return [meanSquaredError(strengths, y), next];
  };
  const lossAndGrad = valueAndGrad(loss, { hasAux: true });

  let params = { trunk: start.trunk, head: start.simulated };
  let state = optimizer.init(params);
  let statistics = initStatistics(start);
  const draw = batches(data, config.batch, seed);
  for (let step = 0; step < steps; step++) {
    const [[, next], gradient] = lossAndGrad(params, draw.next().value, statistics);
    statistics = next;
    [params, state] = optimizer.update(gradient, state, params);
    await tick();
  }
  return { weights: { trunk: params.trunk, simulated: params.head, measured: params.head }, statistics };
}
