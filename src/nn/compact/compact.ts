import { aFunction, later } from '../../core/check.js';
import { checkOptions } from '../../core/options.js';
import { reading } from '../../core/reading.js';
import { mapLeaves } from '../../core/tree.js';
import { checkFloat } from '../../core/op.js';
import type { Tensor } from '../../core/tensor.js';
import type { Part } from '../channels.js';
import type { Gate } from '../gates.js';
import { layerMethods, type Layer, type StatefulLayer } from '../layer.js';
import { maskAll, type MaskArgument } from '../masked.js';
import { decide } from './decide.js';
import { keepWhole, rootOf, type Group } from './flow.js';
import type { Kept, Mixing } from './mixing.js';
import { walk } from './walk.js';

/** The state of a layer that has one, and the gate of its masks. */
export interface CompactOptions<S> {
  /** Running statistics: needed where the layer has a state. */
  readonly state?: S;
  /** The gate of `masked`; by default masks multiply as they are. */
  readonly gate?: Gate;
}
/** What `compact` made of the outputs of a layer. */
export interface Compaction {
  /** Where the layer is in the network: `[1][0]`. */
  readonly path: string;
  /** Its name: `conv`. */
  readonly name: string;
  /** How many outputs it has now. */
  readonly kept: number;
  /** How many it has lost. */
  readonly removed: number;
  /** Why outputs have gone, and why all stay. */
  readonly why: string;
}
/** A smaller network, with its trees. */
export interface Compacted<L, P, S> {
  readonly layer: L;
  readonly params: P;
  /** Undefined without state. */
  readonly state: S;
  /** What became of each layer with weights. */
  readonly report: readonly Compaction[];
}

const who = 'compact';

/**
 * A smaller network with the same outputs: without the filters, channels and units that masks have
 * killed. Its outputs are those of `masked` outside of training, and so are all derivatives in x.
 * It has no masks any more: weights are multiplied by theirs.
 *
 * A channel goes where nobody reads it, or where it is the same for every x. The bias of the next
 * layer takes up a constant channel. A convolution with padding cannot do that at the border, so
 * one of its constant channels stays for all. It knows `sequential`, `residual`, `linear`, `conv`,
 * `batchNorm2d`, `prelu`, `dropout`, and functions that treat channels alike, which it tries on
 * random numbers. All other layers stay as they are, and so does what they read.
 * @param masks one tree or a list of trees, as for `masked`; undefined for none
 * @example
 * const net = sequential([linear(2, 3), relu, linear(3, 1)]);
 * const params = net.init(randomKey(0));
 * const small = compact(net, params, [{ weight: tensor([[1], [0], [1]]) }]);
 * small.params[0].weight.shape; // [ 2, 2 ]
 * small.report[0]; // { path: '[0]', name: 'linear', kept: 2, removed: 1, why: '1 constant' }
 */
export function compact<P, S, L extends StatefulLayer<P, S>>(
  layer: L & StatefulLayer<P, S>,
  params: P,
  masks: MaskArgument<P>,
  options: CompactOptions<S> & { readonly state: S },
): Compacted<StatefulLayer<P, S>, P, S>;
export function compact<P>(
  layer: Layer<P>,
  params: P,
  masks?: MaskArgument<P>,
  options?: CompactOptions<undefined>,
): Compacted<Layer<P>, P, undefined>;
export function compact<P, S>(
  layer: Layer<P> | StatefulLayer<P, S>,
  params: P,
  masks?: MaskArgument<P>,
  options: CompactOptions<S> = {},
): Compacted<unknown, P, unknown> {
  const { state, gate = (m: Tensor) => m } = checkOptions(who, options, { state: later, gate: aFunction });
  if (reading(who, 'a layer', () => (layer as { unmasked?: unknown } | null | undefined)?.unmasked !== undefined))
    throw new TypeError(`${who}: expected a layer without masks, got a masked one; use its \`unmasked\` and { gate }`);
  const own = layerMethods(who, 'a layer', layer) as Part;
  if (own.initState && state === undefined)
    throw new TypeError(`${who}: expected the state of a layer that has one, got { state: undefined }`);
  const weights: unknown = mapLeaves(
    who,
    (x) => checkFloat(who, x),
    (leaf) => leaf,
    maskAll(who, params, masks, gate),
  );
  const mixings: Mixing[] = [];
  const { flow, built } = walk({ layer: own, params: weights, state, flow: undefined, path: '' }, mixings);
  keepWhole(flow, 'the network gives them');
  const keptOf = decide(mixings);
  const { layer: small, ...trees } = built(keptOf);
  return { layer: small, ...trees, report: mixings.map((mixing) => told(mixing, mixings, keptOf)) } as Compacted<
    unknown,
    P,
    unknown
  >;
}

/** What became of the outputs of a layer, in words. */
function told({ path, name, to }: Mixing, mixings: readonly Mixing[], keptOf: (group: Group) => Kept): Compaction {
  const group = rootOf(to);
  const stays = new Set(keptOf(group).channels);
  const readers = mixings.filter(({ from }) => from && rootOf(from.group) === group);
  const isRead = (c: number): boolean =>
    readers.some(({ to: out, inputs, reads }) => keptOf(out).channels.some((o) => reads[o * inputs + c]));
  const gone = Array.from({ length: to.size }, (_, c) => c).filter((c) => !stays.has(c));
  const constant = gone.filter(isRead).length;
  const why = [
    ...(group.whole === undefined ? [] : [`all stay: ${group.whole}`]),
    ...(constant > 0 ? [`${constant} constant`] : []),
    ...(gone.length > constant ? [`${gone.length - constant} read by none`] : []),
  ].join(', ');
  return { path, name, kept: stays.size, removed: gone.length, why };
}
