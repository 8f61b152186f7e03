import { add, mapTree, mul, valueAndGrad, type Tensor } from 'bigrad';
import { adam, cosine, type AdamState } from 'bigrad/optim';
import { batchCount, batches, type Batch } from '../lab/dataset.js';
import type { Statistics, Weights } from '../lab/network.js';
import type { Method } from '../lab/records.js';
import { train } from '../lab/train.js';
import { CUT, finished, freshModel, trained, type Model } from './model.js';
import { pretrainSteps } from './pretrain.js';

/** Settings of Mix Training. */
export interface MixConfig {
  /** Weight of the loss on the target, beside 1 for the source. */
  readonly weight: number;
}

/** What a step takes and gives. */
interface State {
  readonly weights: Weights;
  readonly state: AdamState;
  /** Batch-norm statistics of either kind of data. */
  readonly source: Statistics;
  readonly target: Statistics;
}

/**
 * Mix Training: from fresh weights, every step takes a batch of both kinds of data through one
 * trunk and two heads. It has the steps and the rate of pre-training.
 */
export const mixTraining: Method<unknown, MixConfig> = {
  name: 'mix',
  title: 'Mix Training',
  about: 'trains the network on both kinds of data at once, from the beginning',
  config: { weight: 1 },
  steps: (sizes) => pretrainSteps(sizes),
  train: async (context, { weight }) => {
    const { network, task, sizes, device, seed, tick } = context;
    const { epochs, batch, rate } = sizes.pretrain;
    const [source, target] = [context.source(), context.encode(context.train)];
    const loss = valueAndGrad(
      (w: Weights, b: { source: Batch; target: Batch }, before: Pick<State, 'source' | 'target'>) => {
        const of = (by: 'source' | 'target'): [Tensor, Statistics] => {
          const [outputs, next] = network.apply({ trunk: w.trunk, head: w[by] }, [], CUT, b[by].x, before[by]);
          return [task.loss(outputs, b[by].y), next];
        };
        const [[s, sourceNext], [t, targetNext]] = [of('source'), of('target')];
        return [add(s, mul(t, weight)), { source: sourceNext, target: targetNext }] as [Tensor, typeof before];
      },
      { hasAux: true },
    );
    const optimizer = adam({ learningRate: cosine({ initial: rate, steps: pretrainSteps(sizes) }) });
    const fresh = freshModel(network, seed);
    const modelOf = ({ weights, target: statistics }: State): Model => ({ weights, statistics, masks: [], eps: CUT });
    const end = await train<State, { source: Batch; target: Batch }, []>({
      device,
      begin: {
        weights: fresh.weights,
        state: optimizer.init(fresh.weights),
        source: fresh.statistics,
        target: mapTree((x: Tensor) => x, fresh.statistics),
      },
      step: ({ weights, state, ...statistics }, b) => {
        const [[, next], g] = loss(weights, b, statistics);
        const [moved, s] = optimizer.update(g, state, weights);
        return { weights: moved, state: s, ...next };
      },
      epochs,
      perEpoch: batchCount(source.count, batch),
      batches: (skip) => {
        const from = batches(source, batch, seed + 1, device, skip);
        const to = batches(target, sizes.fineTune.batch, seed, device, skip);
        return () => ({ source: from.next().value, target: to.next().value });
      },
      rates: () => [],
      tick,
      after: (epoch, now) => context.watch(epoch, epochs, async () => trained(context, modelOf(await now()), true)),
    });
    return finished(context, modelOf(end));
  },
};
