import { isList } from '../../core/plain.js';
import { checkTensor } from '../../core/op.js';
import { kindOf } from '../../core/words.js';
import type { Tensor } from '../../core/tensor.js';
import { mapLeaves } from '../../core/tree.js';
import { fromTypedArray, take } from '../../ops/index.js';
import { checkTensors, held } from '../check.js';
import { inItem } from '../layer.js';
import { channelsOf, type Channels, type Part } from '../channels.js';
import { isLast, isSecond, join, keepWhole, placesOf, seenAs, widthOf, type Flow, type Group } from './flow.js';
import { constantsOf, mixingOf, narrowed, type Kept, type Mixing } from './mixing.js';
import { constantsAfter, passing, tried } from './trial.js';

/** A layer with its trees. */
export interface Built {
  readonly layer: unknown;
  readonly params: unknown;
  readonly state: unknown;
}
/** What an item gives, and how it is built once all groups know what they keep. */
export interface Walked {
  readonly flow: Flow | undefined;
  built(keptOf: (group: Group) => Kept): Built;
}
/** An item of a network, with its trees. */
interface Item {
  readonly layer: unknown;
  readonly params: unknown;
  readonly state: unknown;
  /** What comes in; undefined where its channels are not known. */
  readonly flow: Flow | undefined;
  readonly path: string;
}
type Of<K extends Channels['kind']> = Extract<Channels, { kind: K }>;
type Function = (x: Tensor) => Tensor;

/** Notes the layers of a network that mix channels, and follows channels through the others. */
export function walk(item: Item, mixings: Mixing[]): Walked {
  if (typeof item.layer === 'function') return throughFunction(item, item.layer as Function);
  const part = item.layer as Part;
  const channels = channelsOf(part);
  if (channels?.kind === 'mixes') return mixes(item, channels, mixings);
  if (channels?.kind === 'each') return each(item, channels);
  if (channels?.kind === 'chain') return chain(item, channels, mixings);
  if (channels?.kind === 'sum') return sum(item, channels, mixings);
  return asItIs(item, `${named(item)} needs them all`);
}

const named = ({ layer, path }: Item): string => `${(layer as Part).name || 'a function'} at ${path || 'the root'}`;

/** An item that stays as it is, and keeps all that it reads. */
function asItIs(item: Item, why: string, flow?: Flow): Walked {
  keepWhole(item.flow, why);
  return { flow, built: () => item };
}

function throughFunction(item: Item, f: Function): Walked {
  if (!item.flow) return asItIs(item, '');
  const after = tried(() => passing((x) => checkTensor('compact', f(x)), item.flow!));
  return after ? { flow: after, built: () => item } : asItIs(item, `${named(item)} may mix them`);
}

/** A layer with weights [out, in, ...]. */
function mixes(item: Item, channels: Of<'mixes'>, mixings: Mixing[]): Walked {
  const { shape, rank, padded } = channels;
  const [outputs, inputs] = shape as [number, number];
  const params = item.params as Mixing['params'];
  const name = (item.layer as Part).name ?? 'layer';
  checkTensors(name, params, { weight: shape, ...held(params, { bias: [outputs] }) });
  const fits = item.flow && (rank === undefined ? isLast(item.flow) : isSecond(item.flow, rank));
  const from = fits ? seenAs(item.flow, inputs) : undefined;
  if (!from) keepWhole(item.flow, `${named(item)} reads them in another way`);
  const to: Group = { size: outputs };
  const mixing = mixingOf({ path: item.path, name, from, to, padded, params });
  mixings.push(mixing);
  const flow: Flow = {
    group: to,
    block: 1,
    axis: rank === undefined ? -1 : 1,
    ranks: rank === undefined ? (from?.ranks ?? [2, 3]) : [rank],
    constants: constantsOf(mixing),
    sample: params.weight,
  };
  return {
    flow,
    built: (keptOf) => {
      const own = narrowed(mixing, keptOf);
      const [out, into] = own.weight.shape as [number, number];
      if (out === outputs && into === inputs && !own.bias === !params.bias) return item;
      return { layer: channels.resized(into, out, own.bias !== undefined), params: own, state: undefined };
    },
  };
}

/** A layer with one channel for each of x. */
function each(item: Item, channels: Of<'each'>): Walked {
  const part = item.layer as Part;
  const { channels: width, rank, factor } = channels;
  const fits = item.flow && (width === undefined || isSecond(item.flow, rank));
  const from = fits ? seenAs(item.flow, width ?? widthOf(item.flow)) : undefined;
  if (!from) return asItIs(item, `${named(item)} reads them in another way`);
  const run = (x: Tensor): Tensor => {
    const params = item.params as never;
    const rest = (part.initState ? [item.state, { training: false }] : []) as never[];
    const y = part.apply(params, x, ...rest);
    return checkTensor('compact', isList(y) ? y[0] : y);
  };
  const still = silent((item.params as Record<string, Tensor> | undefined)?.[factor ?? ''], from);
  const constants = constantsAfter(run, from, still);
  return {
    flow: { ...from, constants },
    built: (keptOf) => {
      const places = placesOf(keptOf(from.group).channels, from.block);
      if (places.length === widthOf(from)) return item;
      const few = (tree: unknown): unknown =>
        mapLeaves(
          'compact',
          (leaf) => (leaf.shape[0] === width ? rowsOf(leaf, places) : leaf),
          (leaf) => leaf,
          tree,
        );
      return { layer: channels.resized(places.length), params: few(item.params), state: few(item.state) };
    },
  };
}

/** Which channels have a factor of 0 throughout. */
function silent(factor: Tensor | undefined, { group, block }: Flow): boolean[] {
  const zero = new Array<boolean>(group.size).fill(factor !== undefined);
  const values = factor?.readSync() ?? [];
  const span = (values.length / (group.size * block)) * block;
  values.forEach((v, i) => {
    if (v !== 0) zero[Math.floor(i / span)] = false;
  });
  return zero;
}

const rowsOf = (x: Tensor, rows: readonly number[]): Tensor =>
  take(x, fromTypedArray(x.device, Int32Array.from(rows), [rows.length]), 0);

/** Items one after another, each with its entry of the trees. */
function chain(item: Item, channels: Of<'chain'>, mixings: Mixing[]): Walked {
  let { flow } = item;
  const own = (what: string, tree: unknown) => listed(what, tree, channels.items.length);
  const params = own('parameters', item.params);
  const states = (item.layer as Part).initState ? own('a state', item.state) : undefined;
  const parts = channels.items.map((layer, i) => {
    const next = { layer, params: params[i], state: states?.[i], flow, path: `${item.path}[${i}]` };
    const walked = inItem('compact', i, (layer as Part).name, () => walk(next, mixings));
    flow = walked.flow;
    return walked;
  });
  return {
    flow,
    built: (keptOf) => {
      const all = parts.map((part) => part.built(keptOf));
      const layer = channels.rebuilt(all.map((b) => b.layer));
      return { layer, params: all.map((b) => b.params), state: states && all.map((b) => b.state) };
    },
  };
}

function listed(what: string, tree: unknown, length: number): readonly unknown[] {
  if (isList(tree) && tree.length === length) return tree;
  throw new TypeError(
    `compact: expected ${what} as an array of ${length}, got ${isList(tree) ? `one of ${tree.length}` : kindOf(tree)}`,
  );
}

/** A path beside a shortcut: what one of both needs, both keep. */
function sum(item: Item, { path, shortcut, activation, rebuilt }: Of<'sum'>, mixings: Mixing[]): Walked {
  const trees = (name: 'path' | 'shortcut') => ({
    params: (item.params as Record<string, unknown> | undefined)?.[name],
    state: (item.state as Record<string, unknown> | undefined)?.[name],
    path: `${item.path}.${name}`,
  });
  const main = walk({ layer: path, flow: item.flow, ...trees('path') }, mixings);
  const side = shortcut && walk({ layer: shortcut, flow: item.flow, ...trees('shortcut') }, mixings);
  const added = together(main.flow, side ? side.flow : item.flow, `the sum at ${item.path || 'the root'} needs them`);
  const last = activation && walk({ ...item, layer: activation, params: undefined, flow: added }, mixings);
  return {
    flow: last ? last.flow : added,
    built: (keptOf) => {
      const [p, s] = [main.built(keptOf), side?.built(keptOf)];
      const both = <T>(first: T, second: T | undefined) => ({ path: first, ...(s && { shortcut: second }) });
      return {
        layer: rebuilt(p.layer as Part, s?.layer as Part | undefined),
        params: both(p.params, s?.params),
        state: both(p.state, s?.state),
      };
    },
  };
}

/** The flow of a sum: its channels stay or go in both summands together. */
function together(a: Flow | undefined, b: Flow | undefined, why: string): Flow | undefined {
  const alike =
    a &&
    b &&
    a.group.size === b.group.size &&
    a.block === b.block &&
    a.axis === b.axis &&
    a.ranks.join() === b.ranks.join();
  if (!alike) {
    keepWhole(a, why);
    keepWhole(b, why);
    return undefined;
  }
  return { ...a, group: join(a.group, b.group), constants: a.constants.map((v, c) => v + b.constants[c]!) };
}
