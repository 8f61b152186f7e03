import type { Tensor } from '../../core/tensor.js';

/** Channels that stay or go together: each of them is in several places of the network. */
export interface Group {
  readonly size: number;
  /** The group that this one has become a part of. */
  into?: Group;
  /** Why all channels stay. */
  whole?: string;
}

/** The group that a group is a part of by now. */
export const rootOf = (group: Group): Group => (group.into ? rootOf(group.into) : group);

/** Two groups become one. */
export function join(a: Group, b: Group): Group {
  const [root, other] = [rootOf(a), rootOf(b)];
  if (root === other) return root;
  other.into = root;
  root.whole ??= other.whole;
  return root;
}

/** What runs from one item of a network to the next. */
export interface Flow {
  readonly group: Group;
  /** How many numbers each channel has along the axis: more than one after `flatten`. */
  readonly block: number;
  /** The axis of the channels. */
  readonly axis: 1 | -1;
  /** The ranks that the tensor may have. */
  readonly ranks: readonly number[];
  /** The value of each channel that is the same for every x; NaN for the others. */
  readonly constants: Float64Array;
  /** A tensor of the device and the dtype of the parameters. */
  readonly sample: Tensor;
}

/** How many numbers there are along the axis of channels. */
export const widthOf = ({ group, block }: Flow): number => group.size * block;

/** All channels stay, for a reason in words. */
export function keepWhole(flow: Flow | undefined, why: string): void {
  if (flow) rootOf(flow.group).whole ??= why;
}

/** The places along the axis that some channels have. */
export const placesOf = (channels: readonly number[], block: number): number[] =>
  channels.flatMap((c) => Array.from({ length: block }, (_, i) => c * block + i));

/** Whether the last axis is axis 1. */
export const isFlat = ({ ranks }: Flow): boolean => ranks.length === 1 && ranks[0] === 2;

/** Whether the last axis has the channels. */
export const isLast = (flow: Flow): boolean => flow.axis === -1 || isFlat(flow);

/** Whether axis 1 has the channels, in tensors of a rank where one is given. */
export const isSecond = (flow: Flow, rank?: number): boolean =>
  rank === undefined ? flow.axis === 1 || isFlat(flow) : flow.axis === 1 && flow.ranks[0] === rank;

/**
 * The flow as a layer of so many channels sees it; undefined where it does not fit. After `flatten`
 * the layer tells how long blocks are: the images of the trial were of another size.
 */
export function seenAs(flow: Flow, width: number): Flow | undefined {
  const block = isFlat(flow) ? width / flow.group.size : flow.block;
  return Number.isInteger(block) && block * flow.group.size === width ? { ...flow, block } : undefined;
}
