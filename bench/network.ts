import { randomKey, reshape, splitKey, type Tensor } from 'bigrad';
import { initMasks, masked, meanSquaredError, smoothL0, type Masks } from 'bigrad/nn';
import { alloyHead, alloyTrunk } from '../examples/x-yield/network.js';
import { draw } from './draw.js';
import { convProducts, type Product } from './work.js';

// What is measured is the X-Yield network of the example.
const [trunk, head] = [alloyTrunk(), alloyHead(1)];
export type Trunk = ReturnType<typeof trunk.init>;
export type TrunkMasks = Masks<Trunk>;
export type Statistics = ReturnType<typeof trunk.initState>;

/** One trunk with a head for simulated and one for measured strengths. */
export interface Weights {
  readonly trunk: Trunk;
  readonly simulated: ReturnType<typeof head.init>;
  readonly measured: ReturnType<typeof head.init>;
}

export function initWeights(key: Tensor): Weights {
  const [k1, k2, k3] = splitKey(key, 3);
  return { trunk: trunk.init(k1), simulated: head.init(k2), measured: head.init(k3) };
}

export const initStatistics = (weights: Weights): Statistics => trunk.initState(weights.trunk);

/** Masks of one for every convolution weight. */
export const initTrunkMasks = (weights: Weights): TrunkMasks => initMasks(weights.trunk, (w) => w.shape.length === 4);

const EPS = 0.1; // of the gates

export interface Batch {
  /** Pseudo-images [n,2,9,18]. */
  readonly x: Tensor;
  /** Strengths [n]. */
  readonly y: Tensor;
}

/** Weights, masks of one on the convolutions, and the batch norms' statistics before training. */
export function start(): { weights: Weights; masks: TrunkMasks; statistics: Statistics } {
  const weights = initWeights(randomKey(1));
  return { weights, masks: initTrunkMasks(weights), statistics: initStatistics(weights) };
}

/** A batch of noise in the place of images: the arithmetic is the same. */
export const batch = (n: number, at = 0): Batch => ({ x: draw([n, 2, 9, 18], at), y: draw([n], at + 1) });

/**
 * The mean squared error of one head on a batch while training, under all masks, and the statistics
 * moved on.
 */
export function loss(
  weights: Weights,
  by: 'simulated' | 'measured',
  masks: readonly TrunkMasks[],
  { x, y }: Batch,
  statistics: Statistics,
  eps = EPS,
): [Tensor, Statistics] {
  const gated = masked(trunk, smoothL0(eps));
  const [features, next] = gated.apply(weights.trunk, masks, x, statistics, { training: true });
  return [meanSquaredError(reshape(head.apply(weights[by], features), [-1]), y), next];
}

/** A product forward, and those of its two gradients. */
const threeTimes = (m: number, k: number, n: number): Product[] => [
  [m, k, n],
  [m, n, k],
  [k, m, n],
];

/**
 * The matrix products in one gradient of a batch of n: of each layer forward, and of its two
 * gradients, less the input gradient of the first layer, which nobody asks for.
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
