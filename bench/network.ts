import { maxPool2d, onesLike, randomKey, relu, reshape, splitKey, type Tensor } from 'bigrad';
import {
  batchNorm2d,
  conv,
  flatten,
  kaimingNormal,
  linear,
  masked,
  meanSquaredError,
  sequential,
  smoothL0,
  type ConvParams,
  type Masks,
} from 'bigrad/nn';
import { draw } from './draw.js';
import { convProducts, type Product } from './work.js';

const convolution = (from: number, to: number) =>
  conv(from, to, 3, { padding: 1, weight: kaimingNormal({ fan: 'out' }) });
const pool = (x: Tensor): Tensor => maxPool2d(x, 2, { padding: 1 });

const trunk = sequential([
  convolution(2, 16), batchNorm2d(16), relu, pool,
  convolution(16, 32), batchNorm2d(32), relu, pool,
  convolution(32, 64), batchNorm2d(64), relu,
  flatten, linear(1152, 64), relu,
]); // prettier-ignore
const head = linear(64, 1, { bias: false });
const gated = masked(trunk, smoothL0(0.1));

type Trunk = ReturnType<typeof trunk.init>;
export type Statistics = ReturnType<typeof trunk.initState>;
export type TrunkMasks = Masks<Trunk>;

/** The X-Yield network: one trunk, a head for simulated and one for measured strengths. */
export interface Weights {
  readonly trunk: Trunk;
  readonly simulated: ReturnType<typeof head.init>;
  readonly measured: ReturnType<typeof head.init>;
}
export interface Batch {
  /** Pseudo-images [n,2,9,18]. */
  readonly x: Tensor;
  /** Strengths [n]. */
  readonly y: Tensor;
}

/** Weights, masks of one on the convolutions, and the batch norms' statistics before training. */
export function start(): { weights: Weights; masks: TrunkMasks; statistics: Statistics } {
  const [k1, k2, k3] = splitKey(randomKey(1), 3) as [Tensor, Tensor, Tensor];
  const weights = { trunk: trunk.init(k1), simulated: head.init(k2), measured: head.init(k3) };
  const mask = ({ weight }: ConvParams) => ({ weight: onesLike(weight) });
  const [first, , , , second, , , , third] = weights.trunk;
  const none = undefined;
  const masks: TrunkMasks = [mask(first), none, none, none, mask(second), none, none, none, mask(third)];
  return { weights, masks, statistics: trunk.initState(weights.trunk) };
}

/** A batch of noise in the place of images: the arithmetic is the same. */
export const batch = (n: number, at = 0): Batch => ({ x: draw([n, 2, 9, 18], at), y: draw([n], at + 1) });

/** The mean squared error of one head on a batch while training, under all masks, and the statistics moved on. */
export function loss(
  weights: Weights,
  by: 'simulated' | 'measured',
  masks: readonly TrunkMasks[],
  { x, y }: Batch,
  statistics: Statistics,
): [Tensor, Statistics] {
  const [features, next] = gated.apply(weights.trunk, masks, x, statistics);
  return [meanSquaredError(reshape(head.apply(weights[by], features), [-1]), y), next];
}

/** A product forward, and those of its two gradients. */
const threeTimes = (m: number, k: number, n: number): Product[] => [
  [m, k, n],
  [m, n, k],
  [k, m, n],
];

/**
 * The matrix products in one gradient of a batch of n: of each layer forward, and of its two gradients, less the input gradient of
 * the first layer, which nobody asks for.
 */
export function gradientProducts(n: number): readonly Product[] {
  const [first, second, third] = [
    convProducts(n, 2, 9, 18, 16),
    convProducts(n, 16, 5, 10, 32),
    convProducts(n, 32, 3, 6, 64),
  ];
  return [
    ...[first.forward, first.weight],
    ...[second.forward, second.weight, second.input],
    ...[third.forward, third.weight, third.input],
    ...threeTimes(n, 1152, 64),
    ...threeTimes(n, 64, 1),
  ];
}
