import { descend, lars, type GradientTransform } from 'bigrad/optim';
import { batchCount, batches, type Batch } from '../lab/dataset.js';
import type { Branch, Statistics, TrunkMasks } from '../lab/network.js';
import type { Context, Method, Sizes } from '../lab/records.js';
import { train } from '../lab/train.js';
import { CUT, finished, freshModel, lossAndGradient, trained, type Model } from './model.js';
import { needsPretraining, pretrained } from './pretrain.js';

/** How weights step: by SGD, or with layer-wise normalised steps of convolutions. */
export interface StepConfig {
  /** A step of a convolution is so many times rms(w) g / rms(g); 0 is plain SGD. */
  readonly trust: number;
}

/** What a step takes and gives. */
interface State {
  readonly params: Branch;
  readonly statistics: Statistics;
}

export const fineTuneSteps = ({ fineTune }: Sizes, trainCount: number): number =>
  fineTune.epochs * batchCount(trainCount, fineTune.batch);

/** The factor of the rate of an epoch: a tenth after each third of the epochs, or a cosine. */
export const decay = (epoch: number, { epochs, schedule }: Sizes['fineTune']): number =>
  schedule === 'thirds' ? 0.1 ** Math.floor((3 * epoch) / epochs) : 0.5 * (1 + Math.cos((Math.PI * epoch) / epochs));

/** Layer-wise steps of convolutions, of a size relative to their weights; plain ones for 0. */
export const layerSteps = (trust: number): GradientTransform =>
  trust === 0 ? (gradient) => gradient : lars({ trust, of: (w) => w.shape.length === 4 });

/**
 * Trains trunk and target head on the training items by SGD, under fixed masks; the last weights,
 * with running statistics.
 */
export async function fineTune<I>(
  context: Context<I>,
  start: Model,
  { trust }: StepConfig,
  masks: readonly TrunkMasks[] = [],
): Promise<Model> {
  const { sizes, device, seed, tick } = context;
  const { epochs, batch, rate } = sizes.fineTune;
  const data = context.encode(context.train);
  const gradient = lossAndGradient(context, masks);
  const sized = layerSteps(trust);
  const { weights } = start;
  const modelOf = ({ params, statistics }: State): Model => ({
    weights: { ...weights, trunk: params.trunk, target: params.head },
    statistics,
    masks,
    eps: CUT,
  });
  const end = await train<State, Batch, [number]>({
    device,
    begin: { params: { trunk: weights.trunk, head: weights.target }, statistics: start.statistics },
    step: ({ params, statistics }, b, r) => {
      const [[, after], g] = gradient(params, b, statistics);
      return { params: descend(params, sized(g, params), r), statistics: after };
    },
    epochs,
    perEpoch: batchCount(data.count, batch),
    batches: (skip) => {
      const draw = batches(data, batch, seed, device, skip);
      return () => draw.next().value;
    },
    rates: (epoch) => [rate * decay(epoch, sizes.fineTune)],
    tick,
    after: (epoch, now) => context.watch(epoch, epochs, async () => trained(context, modelOf(await now()))),
  });
  return modelOf(end);
}

/** The network from fresh weights, on the training items alone. */
export const noPretraining: Method<unknown, StepConfig> = {
  name: 'no-pretraining',
  title: 'No Pretraining',
  about: 'trains the network on the target alone',
  config: { trust: 0 },
  steps: fineTuneSteps,
  train: async (context, config) =>
    finished(context, await fineTune(context, freshModel(context.network, context.seed), config)),
};

/** The network from weights that were trained on the source. */
export const transfer: Method<unknown, StepConfig> = {
  name: 'transfer',
  title: 'Pretrain-and-transfer',
  about: 'trains the network on the source, then on the target',
  config: { trust: 0 },
  needs: needsPretraining,
  steps: fineTuneSteps,
  train: async (context, config) => finished(context, await fineTune(context, await pretrained(context), config)),
};
