import { compile, valueAndGrad, type Tensor } from 'bigrad';
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

/** What one task trains: the trunk and its head. */
export interface Branch {
  readonly trunk: Trunk;
  readonly head: Head;
}

/** Squared error of a network without masks, its gradient, and the batch norms' statistics moved on. */
export const lossAndGradient = valueAndGrad(
  (w: Branch, { x, y }: Batch, statistics: Statistics): [Tensor, Statistics] => {
    const [strengths, next] = predict(w, [], 1, x, statistics);
    return [meanSquaredError(strengths, y), next];
  },
  { hasAux: true },
);

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
  let params: Branch = { trunk: start.trunk, head: start.simulated };
  let state = optimizer.init(params);
  let statistics = initStatistics(start);
  const step = compile((w: Branch, s: typeof state, before: Statistics, batch: Batch) => {
    const [[, after], gradient] = lossAndGradient(w, batch, before);
    return [...optimizer.update(gradient, s, w), after] as const;
  });
  const draw = batches(data, config.batch, seed);
  for (let i = 0; i < steps; i++) {
    [params, state, statistics] = step(params, state, statistics, draw.next().value);
    await tick();
  }
  return { weights: { trunk: params.trunk, simulated: params.head, measured: params.head }, statistics };
}
