import { checkTensor } from '../core/op.js';
import { aDType } from '../core/check.js';
import type { DType } from '../core/dtype.js';
import { checkOptions } from '../core/options.js';
import { isList } from '../core/plain.js';
import { reading } from '../core/reading.js';
import { checkShape, type Shape } from '../core/shape.js';
import { owning } from '../core/storage.js';
import { markdownTable } from '../core/table.js';
import type { Backend, Tensor } from '../core/tensor.js';
import { leafPaths, leavesOf } from '../core/tree.js';
import {
  applyStateless,
  inItem,
  initChecks,
  layerMethods,
  type Described,
  type InitOptions,
  type Layer,
} from './layer.js';

/** A layer of a network in its summary. */
export interface LayerSummary {
  /** Where it is in the network, as errors say it: `[1][0]`; empty for the network itself. */
  readonly path: string;
  /** Its name: `conv`; that of a function; `layer` or `function` without one. */
  readonly name: string;
  /** The shape of what it gives. */
  readonly output: Shape;
  /** How many numbers its parameters hold. */
  readonly parameters: number;
  /** The shape of each of its parameters. */
  readonly shapes: Readonly<Record<string, Shape>>;
}

/** A network's layers, their shapes, and how many parameters they have. */
export interface Summary {
  readonly input: Shape;
  readonly output: Shape;
  readonly parameters: number;
  readonly layers: readonly LayerSummary[];
  /** A Markdown table: a line for each layer, and one for the whole. */
  toString(): string;
}

/** The dtypes of a network's parameters and of its input. */
export interface SummaryOptions extends InitOptions {
  /** That of the parameters by default; int32 for a network that begins with an embedding. */
  readonly input?: DType;
}

/** A layer of any kind, masked or not. */
interface AnyNetwork extends Described {
  readonly unmasked?: AnyNetwork;
  init(key: Tensor, options?: InitOptions): unknown;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- what it takes after its parameters depends on its kind
  apply(params: any, ...rest: any[]): unknown;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  initState?(params: any): unknown;
}

const who = 'summary';

/** A device on which tensors have shapes and no elements, so that no network is too large. */
const shapesOnly: Backend = {
  name: 'shapes only',
  run: (_op, _ins, outs) => outs.map(() => 'no elements'),
  upload: () => 'no elements',
  read: () => Promise.reject(looked()),
  readSync: () => {
    throw looked();
  },
};
const looked = () => new TypeError(`${who}: expected layers that do not look at values, got a read of a tensor`);

const withoutElements = (shape: Shape, dtype: Tensor['dtype']): Tensor =>
  owning({ shape, dtype }, shapesOnly, 'no elements');

/**
 * What a network does to an input of a shape, layer by layer, as plain data for `JSON.stringify`.
 * In a template, or by `String`, it is a Markdown table. Nothing is computed but shapes. The input
 * is a whole batch: [n,c,h,w]. The network runs outside of training. Throws where a layer does not
 * fit, and names its place.
 * @param network a layer, masked or not
 * @param input the shape of its input
 * @example
 * const table = summary(sequential([linear(2, 3), relu]), [4, 2]);
 * table.parameters; // 9
 * table.layers.map(({ path, name, output }) => [path, name, output]);
 * // [ [ '[0]', 'linear', [ 4, 3 ] ], [ '[1]', 'relu', [ 4, 3 ] ] ]
 */
export function summary(network: AnyNetwork, input: Shape, options: SummaryOptions = {}): Summary {
  const { dtype = 'float32', input: kind = dtype } = checkOptions(who, options, { ...initChecks, input: aDType });
  const own = checkShape(who, input);
  const whole = taken('a layer', network);
  if (typeof whole === 'function') throw new TypeError(`${who}: expected a layer, got a function`);
  const params = whole.init(withoutElements([2], 'int32'), { dtype });
  const layers: LayerSummary[] = [];
  const y = walk(layers, whole, params, withoutElements(own, kind), '');
  const found = { input: own, output: y.shape, parameters: layers.reduce((n, l) => n + l.parameters, 0), layers };
  // Not among what JSON and loops over keys see.
  return Object.defineProperty(found, 'toString', { value: () => markdown(found) });
}

/** A layer as it is now, without its masks, or a function. */
function taken(what: string, item: unknown): AnyNetwork | ((x: Tensor) => Tensor) {
  if (typeof item === 'function') return item as (x: Tensor) => Tensor;
  const inside = reading(who, what, () => (item as AnyNetwork | null | undefined)?.unmasked);
  return layerMethods(who, what, inside ?? (item as AnyNetwork));
}

/** Sends x through a layer, and lists it, or the layers in it. */
function walk(
  found: LayerSummary[],
  layer: ReturnType<typeof taken>,
  params: unknown,
  x: Tensor,
  path: string,
): Tensor {
  if (typeof layer !== 'function' && layer.layers !== undefined) {
    const entries = isList(params) ? params : [];
    return layer.layers.reduce<Tensor>((y, given, i) => {
      const item = taken('layers and functions', given);
      return inItem(layer.name ?? 'layer', i, item.name, () => walk(found, item, entries[i], y, `${path}[${i}]`));
    }, x);
  }
  const given: unknown = typeof layer === 'function' ? layer(x) : apply(layer, params, x);
  const y = checkTensor(who, given);
  const tensors = leavesOf(who, params);
  found.push({
    path,
    // An arrow has an empty name.
    name: layer.name || (typeof layer === 'function' ? 'function' : 'layer'),
    output: y.shape,
    parameters: tensors.reduce((n, t) => n + t.size, 0),
    shapes: Object.fromEntries(leafPaths(who, params).map((name, i) => [name.slice(1), tensors[i]!.shape])),
  });
  return y;
}

function apply(layer: AnyNetwork, params: unknown, x: Tensor): unknown {
  if (!layer.initState) return applyStateless(layer as Layer<unknown>, params, x, { training: false });
  const pair = layer.apply(params, x, layer.initState(params), { training: false });
  return isList(pair) ? pair[0] : pair;
}

/** A Markdown table: a line for each layer, and one for the whole. */
function markdown({ layers, output, parameters }: Omit<Summary, 'toString'>): string {
  const shape = (s: Shape): string => `[${s.join(', ')}]`;
  const shapesOf = (l: LayerSummary): string =>
    Object.entries(l.shapes)
      .map(([name, s]) => `${name} ${shape(s)}`.trim())
      .join(', ');
  return markdownTable([
    ['layer', 'output', 'parameters', 'shapes'],
    ...layers.map((l) => [`${l.path} ${l.name}`.trim(), shape(l.output), String(l.parameters), shapesOf(l)]),
    ['total', shape(output), String(parameters), ''],
  ]);
}
