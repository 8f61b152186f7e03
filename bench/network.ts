import { randomKey, type Tensor } from 'bigrad';
import { meanSquaredError } from 'bigrad/nn';
import {
  initStatistics,
  initTrunkMasks,
  initWeights,
  predict,
  type Statistics,
  type TrunkMasks,
  type Weights,
} from '../examples/bi-rpt/network.js';
import { draw } from './draw.js';
import { convProducts, type Product } from './work.js';

// What is measured is the X-Yield network of the example.
export type { Statistics, TrunkMasks, Weights };

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
  const layers = { trunk: weights.trunk, head: weights[by] };
  const [strengths, next] = predict(layers, masks, eps, x, statistics);
  return [meanSquaredError(strengths, y), next];
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
