import { aFunction } from '../core/check.js';
import { checkTensor } from '../core/op.js';
import { checkOptions } from '../core/options.js';
import { isList } from '../core/plain.js';
import { sameShape } from '../core/shape.js';
import { kindOf, show } from '../core/words.js';
import type { Tensor } from '../core/tensor.js';
import { add, checkKey, splitKey } from '../ops/index.js';
import { withChannels } from './channels.js';
import { contextChecks, initChecks, layerMethods, type Context, type Layer, type StatefulLayer } from './layer.js';

/** What stands beside the path of `residual`, and after both. */
export interface ResidualOptions<Q, T> {
  /** x itself by default. */
  readonly shortcut?: Layer<Q> | StatefulLayer<Q, T>;
  /** Of the sum: none by default. */
  readonly activation?: (x: Tensor) => Tensor;
}
/** Parameters of `residual`, or its state. */
export interface Branches<P, Q> {
  readonly path: P;
  /** Absent where x itself is the shortcut. */
  readonly shortcut?: Q;
}
/** A layer with or without state. */
type Either<P, S> = Layer<P> | StatefulLayer<P, S>;

const who = 'residual';
const isStateful = <P, S>(layer: Either<P, S>): layer is StatefulLayer<P, S> => 'initState' in layer;

type Name = keyof Branches<unknown, unknown>;

/** The part of a branch in parameters or in a state. */
function branch(tree: unknown, name: Name): never {
  if (typeof tree !== 'object' || tree === null || !Object.hasOwn(tree, name))
    throw new TypeError(`${who}: expected parameters and a state with ${name}, got ${kindOf(tree)}`);
  return (tree as Record<string, unknown>)[name] as never;
}

/** What a branch gets. */
interface Given {
  readonly params: never;
  readonly x: Tensor;
  /** Only a branch with state has one. */
  readonly state: () => never;
  readonly context: Context;
}

function run<P, S>(layer: Either<P, S>, { params, x, state, context }: Given): [Tensor, S] {
  if (!isStateful(layer)) return [checkTensor(who, layer.apply(params, x)), undefined as S];
  const pair: unknown = layer.apply(params, x, state(), context);
  if (!isList(pair)) throw new TypeError(`${who}: expected a layer to give [y, state], got ${kindOf(pair)}`);
  return [checkTensor(who, pair[0]), pair[1] as S];
}

/**
 * activation(path(x) + shortcut(x)): a residual block (He et al. 2016). Throws a RangeError where
 * the shapes of both differ. Its state has an entry for each branch, undefined without state.
 * @param path the layers in question, in one such as `sequential`
 * @example
 * const block = residual(sequential([linear(3, 8), relu, linear(8, 3)]), { activation: relu });
 * const params = block.init(randomKey(0));
 * block.apply(params, ones([5, 3]), block.initState(params))[0].shape; // [ 5, 3 ]
 */
export function residual<P, S = undefined, Q = undefined, T = undefined>(
  path: Layer<P> | StatefulLayer<P, S>,
  options: ResidualOptions<Q, T> = {},
): StatefulLayer<Branches<P, Q>, Branches<S, T>> {
  const main = layerMethods(who, 'a layer as the path', path);
  const given = checkOptions(who, options, {
    shortcut: (_who, _name, layer) => layerMethods(who, 'a layer as the shortcut', layer as Either<Q, T>),
    activation: aFunction,
  });
  const { shortcut: side, activation } = given;
  const layer: StatefulLayer<Branches<P, Q>, Branches<S, T>> = {
    name: who,
    init: (key, options = {}) => {
      const init = checkOptions(who, options, initChecks);
      const [k1, k2] = splitKey(checkKey(who, key));
      return { path: main.init(k1, init), ...(side && { shortcut: side.init(k2, init) }) };
    },
    initState: (params) => {
      const first = isStateful(main) ? main.initState(branch(params, 'path')) : undefined;
      if (!side) return { path: first } as Branches<S, T>;
      return {
        path: first,
        shortcut: isStateful(side) ? side.initState(branch(params, 'shortcut')) : undefined,
      } as Branches<S, T>;
    },
    apply: (params, x, state, options: Context = {}) => {
      const context = checkOptions(who, options, contextChecks);
      checkTensor(who, x);
      const keys = context.key && splitKey(checkKey(who, context.key));
      const ofBranch = (name: Name, i: 0 | 1): Given => ({
        params: branch(params, name),
        x,
        state: () => branch(state, name),
        context: { ...context, ...(keys && { key: keys[i] }) },
      });
      const [y, next] = run(main, ofBranch('path', 0));
      const [z, beside] = side ? run(side, ofBranch('shortcut', 1)) : [x, undefined];
      if (!sameShape(y.shape, z.shape))
        throw new RangeError(
          `${who}: expected path and shortcut of one shape, got ${show(y.shape)} and ${show(z.shape)}`,
        );
      const sum = add(y, z);
      return [
        activation ? checkTensor(who, activation(sum)) : sum,
        side ? { path: next, shortcut: beside } : { path: next },
      ];
    },
  };
  return withChannels(layer, {
    kind: 'sum',
    path: main,
    ...(side && { shortcut: side }),
    ...(activation && { activation }),
    rebuilt: (p, s) =>
      residual(p as Layer<unknown>, { ...(s && { shortcut: s as Layer<unknown> }), ...(activation && { activation }) }),
  });
}
