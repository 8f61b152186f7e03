import { mapTree, mul, type Tensor } from 'bigrad';
import { magnitudePrune, rewind } from 'bigrad/nn';
import type { Params, TrunkMasks } from '../lab/network.js';
import { variant, type Context, type Method, type Sizes } from '../lab/records.js';
import { fineTune, fineTuneSteps, type StepConfig } from './fine-tune.js';
import { finished, freshModel, type Model } from './model.js';
import { beginPretraining, modelAfter, PRETRAIN_SEED, pretrained, pretrainSteps, trainOnSource } from './pretrain.js';

/** Settings of rounds of magnitude pruning on the source. */
export interface SourceRounds {
  readonly sourceRounds: number;
  /** Share of the weights still alive that a round prunes. */
  readonly share: number;
  /** Whether each round starts again from the weights before the first one. */
  readonly rewind: boolean;
  /** Epochs of training after a round on the source. */
  readonly retrainEpochs: number;
}

/** Settings of magnitude pruning in rounds (Algorithm 1 of the paper). */
export interface SparsityConfig extends SourceRounds, StepConfig {
  readonly targetRounds: number;
}

/** Weights where the next round starts. */
const restart = (now: Model, first: Model, mask: TrunkMasks, again: boolean): Model =>
  again
    ? { ...now, weights: { ...now.weights, trunk: rewind(now.weights.trunk, first.weights.trunk, mask as never) } }
    : now;

const prune = (trunk: Params, mask: TrunkMasks, share: number): TrunkMasks =>
  magnitudePrune(trunk, mask as never, share);

/**
 * The pre-trained network after rounds of pruning and training again on the source; all cells of an
 * experiment share it.
 */
export async function sourceTicket<I>(context: Context<I>, config: SourceRounds): Promise<Model> {
  const dense = await pretrained(context);
  const { sourceRounds, share, retrainEpochs, rewind: again } = config;
  const ones = context.network.masks(dense.weights);
  if (sourceRounds === 0) return { ...dense, masks: [ones] };
  const first = freshModel(context.network, PRETRAIN_SEED);
  const like: Model = { ...dense, masks: [ones] };
  const { sizes } = context;
  const what = { name: 'ticket', sourceRounds, share, retrainEpochs, again, points: sizes.points, ...sizes.pretrain };
  return context.shared(
    what,
    { round: 0, model: like },
    async (from, keep) => {
      let { round, model } = from;
      while (round < sourceRounds) {
        const mask = prune(model.weights.trunk, model.masks[0]!, share);
        const begin = beginPretraining(restart(model, first, mask, again));
        const after = await trainOnSource(context, begin, retrainEpochs, PRETRAIN_SEED + ++round, undefined, [mask]);
        model = { ...modelAfter(after), masks: [mask] };
        keep({ round, model });
      }
      return model;
    },
    like,
  );
}

/** Rounds of fine-tuning and pruning on the target, then a last fine-tuning. */
async function targetRounds<I>(context: Context<I>, start: Model, config: SparsityConfig): Promise<Model> {
  const [ms] = start.masks as [TrunkMasks];
  let mt = context.network.masks(start.weights);
  let model = await fineTune(context, start, config, [ms, mt]);
  for (let round = 0; round < config.targetRounds; round++) {
    // A weight that ms has cut counts as gone, so that mt cuts among those that are left.
    const joint = prune(model.weights.trunk, both(ms, mt), config.share);
    mt = joint;
    model = await fineTune(context, restart(model, start, mt, config.rewind), config, [ms, mt]);
  }
  return model;
}

/** Where both masks are not 0. */
const both = (ms: TrunkMasks, mt: TrunkMasks): TrunkMasks => mapTree((a: Tensor, b?: Tensor) => mul(a, b ?? 1), ms, mt);

/** Steps of what cells share that start from a ticket. */
export const needsTicket = (sizes: Sizes, config: SourceRounds): Readonly<Record<string, number>> => ({
  pretrained: pretrainSteps(sizes),
  ...ticketSteps(sizes, config),
});

const ticketSteps = (sizes: Sizes, { sourceRounds, retrainEpochs }: SourceRounds): Record<string, number> =>
  sourceRounds === 0
    ? {}
    : { [`ticket of ${sourceRounds} rounds`]: sourceRounds * pretrainSteps(sizes, retrainEpochs) };

const steps = (sizes: Sizes, trainCount: number, config: SparsityConfig): number =>
  (config.targetRounds + 1) * fineTuneSteps(sizes, trainCount);

/** Hand-Tune: Algorithm 1, magnitude pruning on the source and then on the target. */
export const handTune: Method<unknown, SparsityConfig> = {
  name: 'hand-tune',
  title: 'Hand-Tune',
  about: 'prunes by magnitude in rounds on the source, then in rounds on the target',
  config: { trust: 0, sourceRounds: 2, targetRounds: 2, share: 0.2, rewind: false, retrainEpochs: 1 },
  needs: needsTicket,
  steps,
  train: async (context, config) =>
    finished(context, await targetRounds(context, await sourceTicket(context, config), config)),
};

/** The first half of Hand-Tune: sparsity of the source alone. */
export const sourceSparsity = variant(
  handTune,
  'source-sparsity',
  'Pretrain sparsity only',
  { targetRounds: 0 },
  'prunes by magnitude in rounds on the source, then trains on the target under that mask',
);

/** The second half of Hand-Tune: sparsity of the target alone. */
export const targetSparsity = variant(
  handTune,
  'target-sparsity',
  'Transfer sparsity only',
  { sourceRounds: 0 },
  'trains the network on the source, then prunes by magnitude in rounds on the target',
);
