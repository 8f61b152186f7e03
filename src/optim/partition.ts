import { aFunction, methodsOf } from '../core/check.js';
import { isPlain } from '../core/plain.js';
import { reading } from '../core/reading.js';
import type { Tensor } from '../core/tensor.js';
import { checkWithin, leafPaths, leavesOf, mapLeaves, type Gradient } from '../core/tree.js';
import { kindOf } from '../core/words.js';
import { aStep, type Optimizer } from './optimizer.js';

/** The states of the optimizers of a `partition` by name; absent where one has no parameter. */
export type PartitionState<O> = {
  readonly [K in keyof O]?: O[K] extends Optimizer<infer S> ? S : never;
};

/**
 * Parameter groups: each optimizer moves the parameters that `which` gives its name, with a state
 * for these alone. Parameters for which `which` gives undefined stay.
 * @param optimizers by name
 * @param which the name of an optimizer, for a parameter and its path, such as `0.weight`
 * @example
 * const matrices = adamw({ learningRate: 1, weightDecay: 0.5 });
 * const others = adam({ learningRate: 1 });
 * const rule = (p: Tensor) => (p.shape.length > 1 ? 'matrices' : 'others');
 * const optimizer = partition({ matrices, others }, rule);
 * const params = { weight: tensor([[4]]), bias: tensor([4]) };
 * const grads = { weight: tensor([[1]]), bias: tensor([1]) };
 * optimizer.update(grads, optimizer.init(params), params)[0];
 * // { weight: float32[1,1] on cpu [[1]], bias: float32[1] on cpu [3] }
 */
export function partition<O extends Readonly<Record<string, Optimizer<unknown>>>>(
  optimizers: O,
  which: (parameter: Tensor, path: string) => (keyof O & string) | undefined,
): Optimizer<PartitionState<O>> {
  aFunction('partition', 'which', which);
  const own = ownOptimizers(optimizers);
  return {
    init: (params) => {
      const parts = partsBy(own, which, params)(params).filter(([, part]) => !isEmpty(part));
      return Object.fromEntries(parts.map(([name, part]) => [name, own.get(name)!.init(part)])) as PartitionState<O>;
    },
    update: <P>(grads: Gradient<P>, state: PartitionState<O>, params: P): [P, PartitionState<O>] => {
      const given: unknown = grads;
      if (given === undefined || given === null)
        throw new TypeError(`partition: expected gradients like the parameters, got ${kindOf(given)}`);
      checkWithin('partition', params, grads);
      const partsOf = partsBy(own, which, params);
      const gradients = new Map(partsOf(grads));
      const stepped = partsOf(params).flatMap(([name, part]) => {
        if (isEmpty(part)) return [];
        const before = (state as Readonly<Record<string, unknown>> | null | undefined)?.[name];
        const [moved, after] = aStep('partition', own.get(name)!.update(gradients.get(name), before, part));
        return [{ name, moved, after }];
      });
      const moved = mapLeaves(
        'partition',
        (p, ...all: (Tensor | undefined)[]) => all.find((x) => x !== undefined) ?? p,
        (leaf) => leaf,
        params,
        ...stepped.map((s) => s.moved),
      );
      return [moved as P, Object.fromEntries(stepped.map((s) => [s.name, s.after])) as PartitionState<O>];
    },
  };
}

/** An optimizer of trees whose types are not known here. */
interface Own {
  init(params: unknown): unknown;
  update(grads: unknown, state: unknown, params: unknown): [params: unknown, state: unknown];
}
type Which = (parameter: Tensor, path: string) => unknown;

function ownOptimizers(optimizers: unknown): ReadonlyMap<string, Own> {
  if (!isPlain(optimizers)) throw new TypeError(`partition: expected optimizers by name, got ${kindOf(optimizers)}`);
  const entries = reading('partition', 'optimizers', () => Object.entries(optimizers));
  return new Map(
    entries.map(([name, x]) => [name, methodsOf('partition', `an optimizer as ${name}`, x as Own, ['init', 'update'])]),
  );
}

/** Gives for each name a tree like the parameters in which the leaves of other names are absent. */
function partsBy(own: ReadonlyMap<string, Own>, which: Which, params: unknown) {
  const paths = leafPaths('partition', params);
  if (paths.length === 0) throw new TypeError('partition: expected parameters with at least one tensor');
  const names = leavesOf('partition', params).map((p, i) => aName(own, which(p, paths[i]!.slice(1))));
  return (tree: unknown) =>
    [...own.keys()].map((name): [name: string, part: unknown] => {
      const at = names.values();
      const kept = (_: Tensor, x?: Tensor): Tensor | undefined => (at.next().value === name ? x : undefined);
      return [name, mapLeaves('partition', kept, () => undefined, params, tree)];
    });
}

const isEmpty = (tree: unknown): boolean => leavesOf('partition', tree).length === 0;

/** Checks what `which` gave. */
function aName(own: ReadonlyMap<string, Own>, name: unknown): string | undefined {
  if (name === undefined || (typeof name === 'string' && own.has(name))) return name;
  const known = [...own.keys()].join(', ');
  throw new TypeError(`partition: expected which to give undefined or one of ${known}, got ${kindOf(name)}`);
}
