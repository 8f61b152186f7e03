import { valueAndGrad, type Backend, type Tensor } from 'bigrad';
import { meanSquaredError } from 'bigrad/nn';
import { adam, cosine, type AdamState } from 'bigrad/optim';
import type { PretrainConfig } from './config.js';
import { batchCount, batches, type Batch, type Dataset } from './dataset.js';
import { scoped } from './device.js';
import { initStatistics, predict, type Head, type Statistics, type Trunk, type Weights } from './network.js';
import { trainingStep } from './training-step.js';
import { copyTo, toMainMemory } from './trees.js';

/** A network and its batch-norm statistics. */
export interface Model {
  readonly weights: Weights;
  readonly statistics: Statistics;
}

/** Called after each step; rejects to stop the training. */
export type Tick = () => Promise<void>;

/** Called before the first epoch and after each, for learning curves. */
export type Observe = (epoch: number, model: () => Promise<Model>) => Promise<void>;

/** What one task trains: the trunk and its head. */
export interface Branch {
  readonly trunk: Trunk;
  readonly head: Head;
}

/**
 * Squared error of a network without masks, its gradient, and the batch norms' statistics moved on.
 */
export const lossAndGradient = valueAndGrad(
  (w: Branch, { x, y }: Batch, statistics: Statistics): [Tensor, Statistics] => {
    const [strengths, next] = predict(w, [], 1, x, statistics);
    return [meanSquaredError(strengths, y), next];
  },
  { hasAux: true },
);

export const pretrainSteps = (data: Dataset, { epochs, batch }: PretrainConfig): number =>
  epochs * batchCount(data, batch);

/** What a step takes and gives. */
interface State {
  readonly params: Branch;
  readonly state: AdamState;
  readonly statistics: Statistics;
}

/** Between two epochs of pre-training. */
interface Pretraining extends State {
  readonly epoch: number;
}

/**
 * Training of trunk and simulated head on simulated strengths, without masks; the measured head
 * starts as the simulated one. `run` goes on from `begin` or from what `keep` was given after an
 * epoch, to the same numbers; these trees and the model are in main memory.
 */
export function startPretraining(start: Weights, data: Dataset, config: PretrainConfig, seed: number, device: Backend) {
  const optimizer = adam({
    learningRate: cosine({ initial: config.learningRate, steps: pretrainSteps(data, config) }),
  });
  const step = trainingStep(device, ({ params: w, state: s, statistics }: State, batch: Batch): State => {
    const [[, after], gradient] = lossAndGradient(w, batch, statistics);
    const [params, state] = optimizer.update(gradient, s, w);
    return { params, state, statistics: after };
  });
  const params: Branch = { trunk: start.trunk, head: start.simulated };
  const begin: Pretraining = { epoch: 0, params, state: optimizer.init(params), statistics: initStatistics(start) };
  const perEpoch = batchCount(data, config.batch);

  const run = (from: Pretraining, tick: Tick, keep: (state: Pretraining) => void): Promise<Model> =>
    scoped(device, async () => {
      let { epoch, ...kept } = from;
      let now: State = copyTo(kept, device);
      const draw = batches(data, config.batch, seed, device, epoch * perEpoch);
      while (epoch < config.epochs) {
        for (let i = 0; i < perEpoch; i++) {
          now = await step(now, draw.next().value);
          await tick();
        }
        epoch++;
        kept = await toMainMemory(now);
        keep({ epoch, ...kept });
      }
      const { trunk, head } = kept.params;
      return { weights: { trunk, simulated: head, measured: head }, statistics: kept.statistics };
    });
  return { begin, run };
}
