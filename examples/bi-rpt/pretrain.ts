import { leaves, onesLike, mapTree, type Tensor } from 'bigrad';
import { adam, cosine, type AdamState } from 'bigrad/optim';
import { batchCount, batches, type Batch } from '../lab/dataset.js';
import type { Branch, Statistics, TrunkMasks } from '../lab/network.js';
import type { Context, Sizes } from '../lab/records.js';
import { train } from '../lab/train.js';
import { CUT, freshModel, lossAndGradient, type Model } from './model.js';

/** What all splits share: they start from one pre-trained network. */
export const PRETRAIN_SEED = 1_000_003; // apart from the seeds of splits

/** What a step of training on the source takes and gives. */
interface State {
  readonly params: Branch;
  readonly state: AdamState;
  readonly statistics: Statistics;
}

/** Between two epochs. */
export interface Pretraining extends State {
  readonly epoch: number;
}

/** Steps of pre-training. */
export const pretrainSteps = ({ points, pretrain }: Sizes, epochs = pretrain.epochs): number =>
  epochs * batchCount(points, pretrain.batch);

/** What cells share that start from pre-trained weights. */
export const needsPretraining = (sizes: Sizes): Readonly<Record<string, number>> => ({
  pretrained: pretrainSteps(sizes),
});

/** What pre-training starts from: trunk and source head, and an optimizer that has seen nothing. */
export function beginPretraining({ weights, statistics }: Model): Pretraining {
  const params: Branch = { trunk: weights.trunk, head: weights.source };
  return { epoch: 0, params, state: adam({ learningRate: 0 }).init(params), statistics };
}

/**
 * Training of trunk and source head on source items by Adam with a cosine, under fixed masks. It
 * goes on from `from`, or from what `keep` was given after an epoch, to the same numbers.
 */
export async function trainOnSource<I>(
  context: Pick<Context<I>, 'network' | 'task' | 'sizes' | 'device' | 'tick' | 'source'>,
  from: Pretraining,
  epochs: number,
  seed: number,
  keep: (state: Pretraining) => void = () => undefined,
  masks: readonly TrunkMasks[] = [],
): Promise<Pretraining> {
  const { sizes, device, tick } = context;
  const { batch, rate } = sizes.pretrain;
  const data = context.source();
  const gradient = lossAndGradient(context, masks);
  const optimizer = adam({ learningRate: cosine({ initial: rate, steps: pretrainSteps(sizes, epochs) }) });
  const { epoch: done, ...begin } = from;
  const state = await train<State, Batch, []>({
    device,
    begin,
    step: ({ params: w, state: s, statistics }, b) => {
      const [[, after], g] = gradient(w, b, statistics);
      const [params, next] = optimizer.update(g, s, w);
      return { params, state: next, statistics: after };
    },
    epochs,
    perEpoch: batchCount(data.count, batch),
    batches: (skip) => {
      const draw = batches(data, batch, seed, device, skip);
      return () => draw.next().value;
    },
    rates: () => [],
    tick,
    from: done,
    after: async (epoch, now) => {
      if (epoch > done && epoch < epochs) keep({ epoch, ...(await now()) });
    },
  });
  return { epoch: epochs, ...state };
}

/** The network after training on the source; its target head starts as the source head. */
export const modelAfter = ({ params: { trunk, head }, statistics }: Pretraining): Model => ({
  weights: { trunk, source: head, target: head },
  statistics,
  masks: [],
  eps: CUT,
});

/** The pre-trained network, which all cells of an experiment share. */
export function pretrained<I>(context: Context<I>): Promise<Model> {
  const { network, sizes } = context;
  const fresh = freshModel(network, PRETRAIN_SEED);
  const what = { name: 'pretrained', points: sizes.points, ...sizes.pretrain };
  const begin = beginPretraining(fresh);
  return context.shared(
    what,
    begin,
    async (from, keep) => modelAfter(await trainOnSource(context, from, sizes.pretrain.epochs, PRETRAIN_SEED, keep)),
    modelAfter(begin),
  );
}

/** Masks of one that are like others. */
export const allOnes = (masks: TrunkMasks): TrunkMasks => mapTree((m: Tensor) => onesLike(m), masks);

/** Whether a tree has no NaN and no infinity. */
export const isFiniteTree = (tree: unknown): boolean =>
  leaves(tree).every((x) => (x.readSync() as Float32Array).every(Number.isFinite));
