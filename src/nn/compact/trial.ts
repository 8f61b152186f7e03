import { sizeOf, type Shape } from '../../core/shape.js';
import { allocate } from '../../core/dtype.js';
import type { Tensor } from '../../core/tensor.js';
import { fromTypedArray, mul, randomKey, randomNormal, take } from '../../ops/index.js';
import { isFlat, placesOf, widthOf, type Flow } from './flow.js';

/** Lengths of the axes that hold no channels, by how many there are: large enough for windows. */
const LENGTHS = [1, 256, 32, 12];

/** How many examples x has in a trial, and how much its other axes are longer than another time. */
interface Size {
  readonly examples: number;
  readonly more: number;
}
/** Two examples, so that none is mixed into another. */
const FIRST: Size = { examples: 2, more: 0 };
/**
 * What holds for the first size may be an accident. These are near half of it, and strides of up to
 * 4 end elsewhere in each.
 */
const OTHERS: readonly Size[] = [1, 2, 3, 4].map((more) => ({ examples: 1, more }));

/** The shape of an x that may come along. After `flatten`, nobody knows how long blocks are. */
const shapeOf = (flow: Flow, rank: number, { examples, more }: Size): Shape => {
  const width = isFlat(flow) && flow.block > 1 ? flow.group.size * (flow.block + more) : widthOf(flow);
  const length = LENGTHS[rank - 2] ?? 4;
  const others = Array.from({ length: rank - 2 }, () => (more === 0 ? length : length / 2 + more));
  return flow.axis === 1 ? [examples, width, ...others] : [examples, ...others, width];
};

const axisOf = (flow: Flow, x: Tensor): number => (flow.axis === 1 ? 1 : x.shape.length - 1);

/** How many numbers each channel has along the axis of x; it may be no whole number. */
const blockOf = (flow: Flow, x: Tensor): number => (x.shape[axisOf(flow, x)] ?? 0) / flow.group.size;

const same = (a: number, b: number, tolerance: number): boolean =>
  Object.is(a, b) || Math.abs(a - b) <= tolerance * Math.max(Math.abs(a), Math.abs(b));

/** Trials may throw: a function may want images of another size. */
export function tried<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}

const pick = (x: Tensor, channels: readonly number[], block: number, axis: number): Tensor =>
  take(x, fromTypedArray(x.device, Int32Array.from(placesOf(channels, block)), [channels.length * block]), axis);

/** Channels of a trial: every other one, the second half, the first and the last. */
const samples = (size: number): number[][] => {
  const all = Array.from({ length: size }, (_, c) => c);
  return [all.filter((c) => c % 2 === 0), all.slice(size >> 1), [0], [size - 1]];
};

/** Random numbers; each example is of another magnitude, which shows where channels hardly mix. */
function noise(flow: Flow, rank: number, size: Size): Tensor {
  const dtype = flow.sample.dtype as 'float32';
  const x = randomNormal(randomKey(flow.sample.device, rank), shapeOf(flow, rank, size), { dtype });
  const scales = Array.from({ length: size.examples }, (_, i) => 1000 ** i);
  const data = allocate(dtype, scales.length);
  data.set(scales);
  return mul(x, fromTypedArray(flow.sample.device, data, [scales.length, ...x.shape.slice(1).map(() => 1)]));
}

/** Rank and block after a function that treats channels alike; undefined after another one. */
function alike(
  f: (x: Tensor) => Tensor,
  flow: Flow,
  rank: number,
  size: Size,
): [rank: number, block: number] | undefined {
  const x = noise(flow, rank, size);
  const [y, from] = [f(x), blockOf(flow, x)];
  const block = blockOf(flow, y);
  if (y.shape.length < 2 || y.shape[0] !== size.examples || !Number.isInteger(block) || block === 0) return undefined;
  const agree = samples(flow.group.size).every((some) => {
    const alone = f(pick(x, some, from, axisOf(flow, x)));
    const among = pick(y, some, block, axisOf(flow, y));
    const numbers = among.readSync();
    return alone.shape.join() === among.shape.join() && alone.readSync().every((v, i) => same(v, numbers[i]!, 1e-4));
  });
  return agree ? [y.shape.length, block] : undefined;
}

/**
 * The flow after a function that gives for some channels what it gives for them among all others;
 * undefined for another one. It is tried on random numbers of each rank, and of several sizes.
 */
export function passing(f: (x: Tensor) => Tensor, flow: Flow): Flow | undefined {
  const after = flow.ranks.map((rank) => {
    const ends = OTHERS.slice(0, 2).every(
      (size) => tried(() => f(noise(flow, rank, size))) === undefined || alike(f, flow, rank, size) !== undefined,
    );
    return ends ? alike(f, flow, rank, FIRST) : undefined;
  });
  if (!after.every((found) => found !== undefined)) return undefined;
  const block = after[0]![1];
  const ranks = after.map(([rank]) => rank);
  if (ranks.length > 1 && ranks.some((rank, i) => rank !== flow.ranks[i])) return undefined;
  if (after.some(([, other]) => other !== block)) return undefined;
  return { ...flow, block, ranks, constants: constantsAfter(f, flow) };
}

/**
 * The constants after a function of one channel each: those that are the same for all sizes that it
 * takes. `also` names channels that are constant after it, whatever comes in.
 */
export function constantsAfter(f: (x: Tensor) => Tensor, flow: Flow, also: readonly boolean[] = []): Float64Array {
  const known = flow.constants.map((v, c) => +(v === v || also[c] === true));
  const [rank, ...ranks] = flow.ranks as [number, ...number[]];
  const found = constantsAt(f, flow, rank, FIRST, known);
  if (found.every((v) => v !== v)) return found;
  const further = [
    ...OTHERS.map((size) => tried(() => constantsAt(f, flow, rank, size, known))),
    ...ranks.flatMap((r) => [FIRST, ...OTHERS].map((size) => tried(() => constantsAt(f, flow, r, size, known)))),
  ];
  const tolerance = flow.sample.dtype === 'float64' ? 1e-12 : 1e-5;
  return found.map((v, c) => (further.every((other) => !other || same(v, other[c]!, tolerance)) ? v : NaN));
}

/** The constants after a function, among known channels, for one size of x. */
function constantsAt(
  f: (x: Tensor) => Tensor,
  flow: Flow,
  rank: number,
  size: Size,
  known: Float64Array,
): Float64Array {
  const { dtype, device } = flow.sample;
  const shape = shapeOf(flow, rank, size);
  const data = allocate(dtype, sizeOf(shape));
  const channels = (of: Shape): ((i: number) => number) => {
    const at = flow.axis === 1 ? 1 : of.length - 1;
    const inner = sizeOf(of.slice(at + 1));
    return (i) => Math.floor(((Math.floor(i / inner) % of[at]!) * flow.group.size) / of[at]!);
  };
  const into = channels(shape);
  for (let i = 0; i < data.length; i++) {
    const value = flow.constants[into(i)]!;
    data[i] = value === value ? value : 0;
  }
  const y = f(fromTypedArray(device, data, shape));
  const from = channels(y.shape);
  const found = new Float64Array(flow.group.size).fill(NaN);
  const seen = new Uint8Array(flow.group.size);
  const tolerance = dtype === 'float64' ? 1e-13 : 1e-6;
  y.readSync().forEach((v, i) => {
    const c = from(i);
    if (!known[c]) return;
    if (!seen[c]) [seen[c], found[c]] = [1, v];
    else if (!same(found[c]!, v, tolerance)) found[c] = NaN;
  });
  return found.map((v) => (Number.isFinite(v) ? v : NaN));
}
