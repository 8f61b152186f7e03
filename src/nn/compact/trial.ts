import type { Shape } from '../../core/shape.js';
import { allocate } from '../../core/dtype.js';
import type { Tensor } from '../../core/tensor.js';
import { fromTypedArray, randomKey, randomNormal, take } from '../../ops/index.js';
import { placesOf, widthOf, type Flow } from './flow.js';

/** Lengths of the axes that hold no channels, by how many there are: large enough for windows. */
const LENGTHS = [1, 256, 32, 12];

/** The shape of an x that may come along: of two examples, so that none is mixed into another. */
const shapeOf = (flow: Flow, rank: number, width: number): Shape => {
  const others = Array.from({ length: rank - 2 }, () => LENGTHS[rank - 2] ?? 4);
  return flow.axis === 1 ? [2, width, ...others] : [2, ...others, width];
};

const same = (a: number, b: number, tolerance: number): boolean =>
  Object.is(a, b) || Math.abs(a - b) <= tolerance * Math.max(Math.abs(a), Math.abs(b));

const pick = (x: Tensor, channels: readonly number[], block: number, axis: number): Tensor =>
  take(x, fromTypedArray(x.device, Int32Array.from(placesOf(channels, block)), [channels.length * block]), axis);

/** Channels of a trial: every other one, and the last. */
const samples = (size: number): number[][] => [
  Array.from({ length: Math.ceil(size / 2) }, (_, i) => 2 * i),
  [size - 1],
];

/**
 * The flow after a function that gives for some channels what it gives for them among all others;
 * undefined for another one. It is tried on random numbers of each rank.
 */
export function passing(f: (x: Tensor) => Tensor, flow: Flow): Flow | undefined {
  const { group, sample: like } = flow;
  const { size } = group;
  const after = flow.ranks.map((rank): [rank: number, block: number] | undefined => {
    const x = randomNormal(randomKey(like.device, rank), shapeOf(flow, rank, widthOf(flow)), {
      dtype: like.dtype as 'float32',
    });
    const y = f(x);
    const axis = flow.axis === 1 ? 1 : y.shape.length - 1;
    const block = (y.shape[axis] ?? 0) / size;
    if (y.shape.length < 2 || y.shape[0] !== 2 || !Number.isInteger(block) || block === 0) return undefined;
    const agree = samples(size).every((some) => {
      const alone = f(pick(x, some, flow.block, flow.axis === 1 ? 1 : x.shape.length - 1));
      const among = pick(y, some, block, axis);
      const numbers = among.readSync();
      return alone.shape.join() === among.shape.join() && alone.readSync().every((v, i) => same(v, numbers[i]!, 1e-4));
    });
    return agree ? [y.shape.length, block] : undefined;
  });
  if (!after.every((found) => found !== undefined)) return undefined;
  const block = after[0]![1];
  const ranks = after.map(([rank]) => rank);
  if (ranks.length > 1 && ranks.some((rank, i) => rank !== flow.ranks[i])) return undefined;
  if (after.some(([, other]) => other !== block)) return undefined;
  const constants = constantsAfter(f, flow, block);
  return { ...flow, block, ranks, constants };
}

/**
 * The constants after a function of one channel each. `also` names channels that are constant after
 * it, whatever comes in.
 */
export function constantsAfter(
  f: (x: Tensor) => Tensor,
  flow: Flow,
  block = flow.block,
  also: readonly boolean[] = [],
): Float64Array {
  const { group, sample: like } = flow;
  const { size } = group;
  const rank = flow.ranks[0]!;
  const shape = shapeOf(flow, rank, widthOf(flow));
  const inner = flow.axis === 1 ? shape.slice(2).reduce((a, b) => a * b, 1) : 1;
  const data = allocate(like.dtype, shape.reduce((a, b) => a * b, 1)); // prettier-ignore
  const channelOf = (i: number, length: number, wide: number, each: number): number =>
    Math.floor((Math.floor(i / length) % wide) / each);
  for (let i = 0; i < data.length; i++) {
    const value = flow.constants[channelOf(i, inner, widthOf(flow), flow.block)]!;
    data[i] = value === value ? value : 0;
  }
  const y = f(fromTypedArray(like.device, data, shape));
  const length = flow.axis === 1 ? y.shape.slice(2).reduce((a, b) => a * b, 1) : 1;
  const values = y.readSync();
  const found = new Float64Array(size).fill(NaN);
  const seen = new Uint8Array(size);
  const tolerance = like.dtype === 'float64' ? 1e-13 : 1e-6;
  values.forEach((v, i) => {
    const c = channelOf(i, length, size * block, block);
    if (flow.constants[c] !== flow.constants[c] && !also[c]) return;
    if (!seen[c]) [seen[c], found[c]] = [1, v];
    else if (!same(found[c]!, v, tolerance)) found[c] = NaN;
  });
  return found.map((v) => (Number.isFinite(v) ? v : NaN));
}
