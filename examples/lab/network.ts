import { splitKey, type Tensor } from 'bigrad';
import { initMasks, masked, smoothL0, type Layer, type Masks, type StatefulLayer } from 'bigrad/nn';

/** Parameters of a layer, whatever their structure. */
export type Params = object;
/** Masks of one for every convolution weight, and nothing for other parameters. */
export type TrunkMasks = Masks<Params>;
/** Running statistics of the batch norms of a trunk. */
export type Statistics = object;

/** One trunk with a head for source data and one for target data. */
export interface Weights {
  readonly trunk: Params;
  readonly source: Params;
  readonly target: Params;
}

/** What one level trains: the trunk and its head. */
export interface Branch {
  readonly trunk: Params;
  readonly head: Params;
}

/** A network as pure functions: a trunk whose convolutions can be masked, and two heads. */
export interface Network {
  /** What it is: part of the identity of a result. */
  readonly name: string;
  init(key: Tensor): Weights;
  statistics(weights: Weights): Statistics;
  masks(weights: Weights): TrunkMasks;
  /**
   * Outputs [n, outputs] of inputs by the trunk, its convolutions multiplied by the gates m^2 /
   * (m^2 + eps) of all masks, and one head; and the batch norms' statistics moved on.
   */
  apply(
    branch: Branch,
    masks: readonly TrunkMasks[],
    eps: Tensor | number,
    x: Tensor,
    statistics: Statistics,
    training?: boolean,
  ): [outputs: Tensor, statistics: Statistics];
}

/** A network of a trunk with batch norms, and a head that is made twice. */
export function twoHeads(name: string, trunk: StatefulLayer<Params, Statistics>, head: Layer<Params>): Network {
  return {
    name,
    init: (key) => {
      const [k1, k2, k3] = splitKey(key, 3);
      return { trunk: trunk.init(k1), source: head.init(k2), target: head.init(k3) };
    },
    statistics: (weights) => trunk.initState(weights.trunk),
    masks: (weights) => initMasks(weights.trunk, (w) => w.shape.length === 4),
    apply: (branch, masks, eps, x, statistics, training = true) => {
      const gated = masked<Params, [Statistics, { training: boolean }], [Tensor, Statistics], typeof trunk>(
        trunk,
        smoothL0(eps),
      );
      const [features, next] = gated.apply(branch.trunk, masks, x, statistics, { training });
      return [head.apply(branch.head, features), next];
    },
  };
}
