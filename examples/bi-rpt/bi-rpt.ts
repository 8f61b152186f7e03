import type { Tensor } from 'bigrad';
import { hypergradient, type Mode } from 'bigrad/bilevel';
import { descend, jointMask, normalizeByRms, type JointMaskOptions } from 'bigrad/optim';
import { batchCount, batches, type Batch } from '../lab/dataset.js';
import type { Network, Statistics, TrunkMasks, Weights } from '../lab/network.js';
import { variant, type Context, type Method, type Task, type Trained } from '../lab/records.js';
import { train } from '../lab/train.js';
import { decay, fineTuneSteps, layerSteps, type StepConfig } from './fine-tune.js';
import { CUT, finished, trained, type Model } from './model.js';
import { needsPretraining, pretrained } from './pretrain.js';

/** What Bi-RPT adds to fine-tuning. */
export interface BiRptConfig extends StepConfig {
  /** Steps on source batches per step on a target batch, and their rate. */
  readonly lowerSteps: number;
  readonly lowerRate: number;
  readonly maskRate: number;
  readonly gamma: number;
  readonly eps: number;
  /** Factor of eps per epoch, and where it stops. */
  readonly epsDecay: number;
  readonly epsFloor: number;
  readonly metric: NonNullable<JointMaskOptions['metric']>;
  readonly order: NonNullable<JointMaskOptions['order']>;
  readonly mode: Extract<Mode, string>;
  /** Divides the gradient of each layer's masks by its root mean square. */
  readonly normalise: boolean;
  /** Masks that stay at 1. */
  readonly fixed: 'none' | 'ms' | 'mt' | 'both';
}

/** Mask steps of .03 g / rms(g) in each layer, less a threshold per iteration; eps stays at .1. */
export const normalisedSteps = (threshold: number) =>
  ({ normalise: true, maskRate: 0.03, gamma: threshold / 0.03, epsFloor: 0.1 }) satisfies Partial<BiRptConfig>;

/** What an iteration takes and gives. */
interface State {
  readonly weights: Weights;
  readonly ms: TrunkMasks;
  readonly mt: TrunkMasks;
  /** Batch-norm statistics of target and of source data. */
  readonly target: Statistics;
  readonly source: Statistics;
}

interface Levels {
  readonly lower: readonly Batch[];
  readonly upper: Batch;
}

/** What changes from epoch to epoch: eps, and the rates of the two levels. */
type Rates = [eps: number, lower: number, upper: number];

const perLayer = normalizeByRms();

/** Both masks after a step down their hypergradients and the joint proximal step. */
function moveMasks(config: BiRptConfig, { ms, mt }: Pick<State, 'ms' | 'mt'>, dMs: unknown, dMt: unknown) {
  const { maskRate, gamma, metric, order, normalise, fixed } = config;
  if (fixed === 'both') return { ms, mt };
  const step = (masks: TrunkMasks, g: unknown): TrunkMasks => descend(masks, normalise ? perLayer(g) : g, maskRate);
  const next = jointMask(step(ms, dMs), step(mt, dMt), { step: maskRate, gamma, metric, order });
  return { ms: fixed === 'ms' ? ms : next.ms, mt: fixed === 'mt' ? mt : next.mt };
}

/**
 * One iteration of Bi-RPT (Algorithm 2): steps of the weights on source batches under gates of ms,
 * one step of the weights on a target batch under gates of ms and mt, one step of both masks down
 * their hypergradients, and the joint proximal step.
 */
export const iteration =
  <I>(network: Network, task: Task<I>, config: BiRptConfig) =>
  (state: State, batch: Levels, eps: number, lower: number, upper: number): State => {
    const { weights, ms, mt } = state;
    const level =
      (head: 'source' | 'target', before: Statistics) =>
      (w: Weights, masks: readonly TrunkMasks[], { x, y }: Batch): [Tensor, Statistics] => {
        const [outputs, next] = network.apply({ trunk: w.trunk, head: w[head] }, masks, eps, x, before);
        return [task.loss(outputs, y), next];
      };
    const [onSource, onTarget] = [level('source', state.source), level('target', state.target)];
    const g = hypergradient({
      lower: (w: Weights, m: TrunkMasks, b: Batch) => onSource(w, [m], b),
      upper: (w: Weights, m: { ms: TrunkMasks; mt: TrunkMasks }, b: Batch) => onTarget(w, [m.ms, m.mt], b),
      mode: config.fixed === 'both' ? 'firstOrder' : config.mode,
      learningRate: lower,
    })(weights, { ms, mt }, { lower: batch.lower, upper: batch.upper });
    return {
      weights: descend(g.theta, layerSteps(config.trust)(g.dTheta, g.theta), upper),
      ...moveMasks(config, state, g.dMs, g.dMt),
      target: g.aux.upper,
      source: g.aux.lower.at(-1)!,
    };
  };

/** eps of an epoch. */
const epsAt = (epoch: number, { eps, epsDecay, epsFloor }: BiRptConfig): number =>
  Math.max(Math.min(eps, epsFloor), eps * epsDecay ** epoch);

/**
 * Both levels together from weights that were trained on the source, under masks of one or those
 * that they have. An epoch is one pass over the training items; then eps and the rates decay.
 */
export async function bothLevels<I>(context: Context<I>, start: Model, config: BiRptConfig): Promise<Trained<I>> {
  const { network, task, sizes, device, seed, tick } = context;
  const ones = network.masks(start.weights);
  const { epochs, batch, rate } = sizes.fineTune;
  const [source, target] = [context.source(), context.encode(context.train)];
  const modelOf = ({ weights, ms, mt, target: statistics }: State, epoch: number): Model => ({
    weights,
    statistics,
    masks: [ms, mt],
    eps: epsAt(epoch, config),
  });
  const end = await train<State, Levels, Rates>({
    device,
    begin: {
      weights: start.weights,
      ms: start.masks[0] ?? ones,
      mt: ones,
      target: start.statistics,
      source: start.statistics,
    },
    step: iteration(network, task, config),
    epochs,
    perEpoch: batchCount(target.count, batch),
    batches: (skip) => {
      const upper = batches(target, batch, seed, device, skip);
      const lower = batches(source, sizes.sourceBatch, seed + 1, device, skip * config.lowerSteps);
      return () => ({
        lower: Array.from({ length: config.lowerSteps }, () => lower.next().value),
        upper: upper.next().value,
      });
    },
    rates: (epoch) => {
      const factor = decay(epoch, sizes.fineTune);
      return [epsAt(epoch, config), config.lowerRate * factor, rate * factor];
    },
    tick,
    after: (epoch, now) =>
      context.watch(epoch, epochs, async () => trained(context, modelOf(await now(), epoch), true)),
  });
  return finished(context, modelOf(end, epochs));
}

/** Bi-RPT from pre-trained weights. The settings are those chosen on the synthetic experiment. */
export const biRpt: Method<unknown, BiRptConfig> = {
  name: 'bi-rpt',
  title: 'Bi-RPT',
  about: 'trains the network on the source, then both levels together with masks',
  config: {
    trust: 0,
    lowerSteps: 1,
    lowerRate: 3e-4,
    maskRate: 3.5,
    gamma: 1e-4,
    eps: 0.1,
    epsDecay: 0.9,
    epsFloor: 1e-3,
    metric: 'paper',
    order: 'jacobi',
    mode: 'exact',
    normalise: false,
    fixed: 'none',
  },
  needs: needsPretraining,
  steps: fineTuneSteps,
  train: async (context, config) => bothLevels(context, await pretrained(context), config),
};

/** The same without masks: what the steps on the source give by themselves. */
export const continued = variant(
  biRpt,
  'continued',
  'Continued source steps',
  { fixed: 'both', gamma: 0, eps: CUT, epsFloor: CUT },
  'trains the network on the source, then on both kinds of data in turn, without masks',
);
