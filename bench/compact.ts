import { compile, full, globalAvgPool2d, mapTree, randomKey, reshape, where, less, arange, type Tensor } from 'bigrad';
import { applyMasks, compact, sequential, type Masks, type StatefulLayer } from 'bigrad/nn';
import { residualBlock } from '../examples/digits/network.js';
import { alloyTrunk } from '../examples/x-yield/network.js';
import type { Case } from './case.js';
import { draw } from './draw.js';

// Evaluation of a batch of 16 by one compiled call: with masks that have killed a part of the
// filters of each convolution, and the network that `compact` makes of it. The masked network
// multiplies its weights once, when it is compiled.
const BATCH = 16;
const SHARES = [0.5, 0.9];

type Tree = object;
type Network = StatefulLayer<Tree, Tree>;
const networks: readonly (readonly [name: string, network: () => Network, image: readonly number[]])[] = [
  ['alloy trunk 16-32-64', alloyTrunk, [2, 9, 18]],
  [
    'residual 8-16-32',
    () => sequential([residualBlock(1, 8, 1), residualBlock(8, 16, 2), residualBlock(16, 32, 2), globalAvgPool2d]),
    [1, 14, 14],
  ],
  [
    'residual 64-128-256',
    () => sequential([residualBlock(3, 64, 1), residualBlock(64, 128, 2), residualBlock(128, 256, 2), globalAvgPool2d]),
    [3, 32, 32],
  ],
];

/** Masks of 0 for the first filters of each convolution. */
const masksOf = (params: Tree, share: number): Masks<Tree> =>
  mapTree((w) => {
    const filters = w.shape[0]!;
    if (w.shape.length !== 4) return full([1], 1);
    return reshape(where(less(arange(filters), Math.floor(share * filters)), 0, 1), [filters, 1, 1, 1]);
  }, params);

function start(network: Network, image: readonly number[], share: number, compacted: boolean): () => unknown {
  const params = network.init(randomKey(1));
  const state = network.initState(params);
  const masks = masksOf(params, share);
  const net = compacted
    ? compact(network, params, masks, { state })
    : { layer: network, params: applyMasks(params, masks, (m) => m), state };
  const forward = compile((x: Tensor) => net.layer.apply(net.params, x, net.state, { training: false })[0]);
  const x = draw([BATCH, ...image]);
  return () => forward(x);
}

const nameOf = (network: string, share: number, how: string): string =>
  `compact: ${network}, ${100 * share} % of filters dead, ${how}`;

export const cases: readonly Case[] = networks.flatMap(([name, network, image]) =>
  SHARES.flatMap((share) =>
    [false, true].map((compacted) => ({
      name: nameOf(name, share, compacted ? 'compacted' : 'masked'),
      prepare: () => start(network(), image, share, compacted),
    })),
  ),
);

/** How many times as fast a network has become: [what, numerator, denominator]. */
export const ratios = networks.flatMap(([name]) =>
  SHARES.map(
    (share) =>
      [
        `${name}, ${100 * share} % of filters dead, masked / compacted`,
        nameOf(name, share, 'masked'),
        nameOf(name, share, 'compacted'),
      ] as const,
  ),
);
