import { compile, valueAndGrad, type Tensor } from 'bigrad';
import { meanSquaredError } from 'bigrad/nn';
import { adam, cosine, type AdamState } from 'bigrad/optim';
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

/** Between two epochs of pre-training. */
interface Pretraining {
  readonly epoch: number;
  readonly params: Branch;
  readonly state: AdamState;
  readonly statistics: Statistics;
}

/**
 * Training of trunk and simulated head on simulated strengths, without masks; the measured head starts as the simulated one. `run` goes on from `begin` or
 * from what `keep` was given after an epoch, to the same numbers.
 */
export function startPretraining(start: Weights, data: Dataset, config: PretrainConfig, seed: number) {
  const optimizer = adam({
    learningRate: cosine({ initial: config.learningRate, steps: pretrainSteps(data, config) }),
  });
  const step = compile((w: Branch, s: AdamState, before: Statistics, batch: Batch) => {
    const [[, after], gradient] = lossAndGradient(w, batch, before);
    return [...optimizer.update(gradient, s, w), after] as const;
  });
  const params: Branch = { trunk: start.trunk, head: start.simulated };
  const begin: Pretraining = { epoch: 0, params, state: optimizer.init(params), statistics: initStatistics(start) };
  const perEpoch = batchCount(data, config.batch);

  const run = async (from: Pretraining, tick: Tick, keep: (state: Pretraining) => void): Promise<Model> => {
    let { epoch, params: w, state, statistics } = from; // prettier-ignore
    const draw = batches(data, config.batch, seed);
    for (let i = 0; i < epoch * perEpoch; i++) draw.next();
    while (epoch < config.epochs) {
      for (let i = 0; i < perEpoch; i++) {
        [w, state, statistics] = step(w, state, statistics, draw.next().value);
        await tick();
      }
      epoch++;
      keep({ epoch, params: w, state, statistics });
    }
    return { weights: { trunk: w.trunk, simulated: w.head, measured: w.head }, statistics };
  };
  return { begin, run };
}
