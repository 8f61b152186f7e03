import { maxPool2d, relu, reshape, splitKey, type Tensor } from 'bigrad';
import {
  batchNorm2d,
  conv,
  flatten,
  initMasks,
  kaimingNormal,
  linear,
  masked,
  sequential,
  smoothL0,
  type Masks,
} from 'bigrad/nn';

const convolution = (from: number, to: number) =>
  conv(from, to, 3, { padding: 1, weight: kaimingNormal({ fan: 'out' }) });
const pool = (x: Tensor) => maxPool2d(x, 2, { stride: 2, padding: 1 });

/**
 * Pseudo-images [n,2,9,18] into 64 features: three convolutions with batch norm, two poolings, one
 * linear layer.
 */
const trunk = sequential([
  convolution(2, 16),
  batchNorm2d(16),
  relu,
  pool,
  convolution(16, 32),
  batchNorm2d(32),
  relu,
  pool,
  convolution(32, 64),
  batchNorm2d(64),
  relu,
  flatten,
  linear(1152, 64),
  relu,
]);

/** 64 features into one strength in GPa. */
const head = linear(64, 1, { bias: false });

export type Trunk = ReturnType<typeof trunk.init>;
export type Head = ReturnType<typeof head.init>;
/** Masks on convolution weights only. */
export type TrunkMasks = Masks<Trunk>;
/** Running statistics of the batch norms. */
export type Statistics = ReturnType<typeof trunk.initState>;

/** One trunk with a head for simulated and one for measured strengths. */
export interface Weights {
  readonly trunk: Trunk;
  readonly simulated: Head;
  readonly measured: Head;
}

export function initWeights(key: Tensor): Weights {
  const [k1, k2, k3] = splitKey(key, 3);
  return { trunk: trunk.init(k1), simulated: head.init(k2), measured: head.init(k3) };
}

export const initStatistics = (weights: Weights): Statistics => trunk.initState(weights.trunk);

/** Masks of one for every convolution weight. */
export const initTrunkMasks = ({ trunk: params }: Weights): TrunkMasks =>
  initMasks(params, (w) => w.shape.length === 4);

/**
 * Strengths [n] of images [n,2,9,18] by the trunk, its convolutions multiplied by the gates m^2 /
 * (m^2 + eps) of all masks, and one head; and the batch norms' statistics moved on.
 */
export function predict(
  weights: { readonly trunk: Trunk; readonly head: Head },
  masks: readonly TrunkMasks[],
  eps: Tensor | number,
  x: Tensor,
  statistics: Statistics,
  training = true,
): [strengths: Tensor, statistics: Statistics] {
  const [features, next] = masked(trunk, smoothL0(eps)).apply(weights.trunk, masks, x, statistics, { training });
  return [reshape(head.apply(weights.head, features), [-1]), next];
}
