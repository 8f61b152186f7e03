import { aString, later, type Check } from '../core/check.js';
import { isFloat } from '../core/dtype.js';
import { checkOptions } from '../core/options.js';
import { isPlain } from '../core/plain.js';
import { reading } from '../core/reading.js';
import { sameShape } from '../core/shape.js';
import { checkReadable, Tensor } from '../core/tensor.js';
import { leafPaths, leavesOf, mapLeaves } from '../core/tree.js';
import { cut, kindOf, quote, show } from '../core/words.js';
import { randomKey } from '../ops/index.js';
import { layerMethods, type InitOptions } from './layer.js';

/** What `fromStateDict` asks of a layer: every layer has it, `masked` ones too. */
export interface AnyLayer<P, S> {
  /** Fresh parameters, on the key's device. */
  init(key: Tensor, options?: InitOptions): P;
  /** The state before training, of a layer with state. */
  initState?(params: P): S;
}

/** How PyTorch's names differ from the paths in a layer's trees. */
export interface StateDictOptions {
  /**
   * PyTorch's names of parts by their paths: `{ 0: 'conv1', 4: 'fc' }`. The empty path is the whole
   * layer: `{ '': 'backbone' }`.
   */
  readonly names?: Readonly<Record<string, string>>;
}

/** Trees of a layer: its parameters, and its state if it has one. */
export interface LayerTrees<P, S> {
  readonly params: P;
  readonly state: S;
}

/** PyTorch's names for what stands beside each other in a layer. */
const LAYERS: readonly Readonly<Record<string, string>>[] = [
  { scale: 'weight', shift: 'bias' },
  { mean: 'running_mean', variance: 'running_var' },
  { inWeight: 'in_proj_weight', outWeight: 'out_proj.weight' },
  { inBias: 'in_proj_bias', outBias: 'out_proj.bias' },
  { inputWeight: 'weight_ih_l0', hiddenWeight: 'weight_hh_l0' },
  { inputBias: 'bias_ih_l0', hiddenBias: 'bias_hh_l0' },
];
/** PyTorch's count of steps of a batch norm, which is not needed here. */
const COUNTER = 'num_batches_tracked';

type Names = Readonly<Record<string, string>>;

const aRecordOfNames: Check<Names> = (who, _name, names) => {
  if (!isPlain(names)) throw new TypeError(`${who}: expected names as an object of strings, got ${kindOf(names)}`);
  const pairs = reading(who, 'names', () => Object.entries(names));
  return Object.fromEntries(pairs.map(([path, name]) => [path, aString(who, `names[${quote(path)}]`, name)]));
};
const namesOf = (who: string, options: StateDictOptions): Names =>
  checkOptions(who, options, { names: aRecordOfNames }).names ?? {};

/** PyTorch's name of a path, by the longest beginning of it that `names` has. */
function translated(path: readonly string[], names: Names): string {
  for (let n = path.length; n >= 0; n--) {
    const begin = path.slice(0, n).join('.');
    if (Object.hasOwn(names, begin)) return [names[begin]!, ...path.slice(n)].filter((part) => part !== '').join('.');
  }
  return path.join('.');
}

/** PyTorch's name of each tensor of a tree, in the order of `leaves`. */
function namesIn(who: string, tree: unknown, names: Names): string[] {
  const paths = leafPaths(who, tree).map((path) => path.split('.').slice(1));
  const there = new Set(paths.map((path) => path.join('.')));
  return paths.map((path) => {
    const [parent, last = ''] = [path.slice(0, -1), path.at(-1)];
    const layer = LAYERS.filter((keys) => Object.hasOwn(keys, last)).find((keys) =>
      Object.keys(keys).every((key) => there.has([...parent, key].join('.'))),
    );
    return translated([...parent, layer?.[last] ?? last].slice(0, path.length), names);
  });
}

/** The tensors of a record by name. */
function recordOf(who: string, tensors: unknown): Readonly<Record<string, Tensor>> {
  if (!isPlain(tensors)) throw new TypeError(`${who}: expected a record of tensors by name, got ${kindOf(tensors)}`);
  const pairs = reading(who, 'tensors', () => Object.entries(tensors) as [string, unknown][]);
  for (const [name, x] of pairs) {
    if (!(x instanceof Tensor)) throw new TypeError(`${who}: expected a tensor as ${quote(name)}, got ${kindOf(x)}`);
    checkReadable(who, x);
  }
  if (pairs.length === 0) throw new RangeError(`${who}: expected at least one tensor, got an empty record`);
  return Object.fromEntries(pairs as [string, Tensor][]);
}

/** A tensor for a place in a tree: it has the shape and the kind of what the layer makes there. */
function checkPlace(who: string, name: string, place: Tensor, x: Tensor): Tensor {
  if (!sameShape(x.shape, place.shape))
    throw new RangeError(`${who}: expected ${quote(name)} ${show(place.shape)}, got ${show(x.shape)}`);
  if (isFloat(x.dtype) !== isFloat(place.dtype))
    throw new TypeError(`${who}: expected ${quote(name)} of ${place.dtype}, got ${x.dtype}`);
  return x;
}

/**
 * A layer's parameters and state from PyTorch's tensors by name, such as the `tensors` of
 * `loadSafetensors`. The parts of `sequential` are named by their places, `0.weight`, as in an
 * `nn.Sequential` of the same parts. Of a batch norm `weight`, `bias`, `running_mean` and
 * `running_var` become scale, shift, mean and variance. `num_batches_tracked` is passed over. Of
 * attention `in_proj_weight` and `out_proj.weight` become inWeight and outWeight, and of `gru` and
 * `lstm` `weight_ih_l0` and `weight_hh_l0` become inputWeight and hiddenWeight. Biases likewise.
 *
 * Throws a TypeError or a RangeError that names the tensor where one is missing, has another shape,
 * or belongs to no part of the layer. Source of the names: `torch.nn.Module.state_dict`.
 * @example
 * const { params } = fromStateDict(linear(2, 1), { weight: tensor([[1, 2]]), bias: tensor([3]) });
 * params.bias; // float32[1] on cpu [3]
 */
export function fromStateDict<P, S = undefined>(
  layer: AnyLayer<P, S>,
  tensors: Readonly<Record<string, Tensor>>,
  options: StateDictOptions = {},
): LayerTrees<P, S> {
  const who = 'fromStateDict';
  const names = namesOf(who, options);
  const { init, initState } = layerMethods(who, 'a layer', layer);
  const given = recordOf(who, tensors);
  const left = new Set(Object.keys(given));
  const filled = <T>(tree: T): T => {
    const order = namesIn(who, tree, names).values();
    const find = (place: Tensor): Tensor => {
      const name = order.next().value!;
      if (!left.delete(name) && !Object.hasOwn(given, name))
        throw new TypeError(
          `${who}: expected a tensor named ${quote(name)}, got ${cut(show(Object.keys(given)), 120)}`,
        );
      return checkPlace(who, name, place, given[name]!);
    };
    return mapLeaves(who, find, (leaf) => leaf, tree) as T;
  };

  const fresh = init(randomKey(Object.values(given)[0]!.device, 0));
  const trees = { params: filled(fresh), state: filled(initState?.(fresh) as S) };
  const within = translated([], names);
  for (const name of left)
    if (name.startsWith(within === '' ? '' : `${within}.`) && name.split('.').at(-1) !== COUNTER)
      throw new RangeError(`${who}: expected only tensors of the layer, got ${quote(name)} besides`);
  return trees;
}

/**
 * PyTorch's tensors by name from a layer's parameters and state, the way back from `fromStateDict`.
 * `saveSafetensors(record, {}, { flat: true })` makes a file of it. `num_batches_tracked` is not
 * there: PyTorch starts it at 0. Throws a RangeError where two tensors get one name.
 * @example
 * const params = sequential([linear(2, 8), relu, linear(8, 1)]).init(randomKey(0));
 * Object.keys(toStateDict({ params })); // [ '0.weight', '0.bias', '2.weight', '2.bias' ]
 */
export function toStateDict(
  trees: { readonly params: unknown; readonly state?: unknown },
  options: StateDictOptions = {},
): Record<string, Tensor> {
  const who = 'toStateDict';
  const names = namesOf(who, options);
  const { params, state } = checkOptions(who, trees, { params: later, state: later });
  const record = new Map<string, Tensor>();
  for (const tree of [params, state]) {
    const own = namesIn(who, tree, names);
    leavesOf(who, tree).forEach((x, i) => {
      const name = own[i]!;
      if (record.has(name)) throw new RangeError(`${who}: expected distinct names, got ${quote(name)} twice`);
      record.set(name, x);
    });
  }
  return Object.fromEntries(record);
}
