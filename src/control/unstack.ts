import { count } from '../core/check.js';
import { track } from '../core/history.js';
import { detach, sharing } from '../core/storage.js';
import type { AnyOp, Node, Tensor } from '../core/tensor.js';
import { mapLeaves } from '../core/tree.js';
import { show } from '../core/words.js';
import { reshape, slice, stack, zerosLike } from '../ops/index.js';

/** Tensors of one length as that many lists of their slices along the first axis. */
export function unstack(who: string, xs: readonly Tensor[], length: number): Tensor[][] {
  const slices = xs.map((x) => slicesOf(who, x));
  return Array.from({ length }, (_, i) => slices.map((list) => list[i]!));
}

/** How many slices there are. */
export function lengthOf(who: string, leaves: readonly Tensor[], given: number | undefined): number {
  const lengths = leaves.map(({ shape }) => {
    if (shape.length === 0) throw new RangeError(`${who}: expected xs with a first axis to go along, got a scalar`);
    return shape[0]!;
  });
  const length = given ?? lengths[0];
  if (length === undefined) throw new TypeError(`${who}: expected a tensor in xs, or the option length, got neither`);
  const other = lengths.find((n) => n !== length);
  if (other !== undefined)
    throw new RangeError(
      `${who}: expected xs of one length, got ${given === undefined ? '' : 'length '}${length} and ${other}`,
    );
  return count(who, 'the number of steps', length);
}

/**
 * All slices of x. They have one node, so that the cotangents of n slices cost one stack of them
 * instead of n sums.
 */
function slicesOf(who: string, x: Tensor): Tensor[] {
  const [n = 0, ...shape] = x.shape;
  const still = detach(x, who);
  const zeros = shape.map(() => 0);
  const parts = Array.from({ length: n }, (_, i) => reshape(slice(still, [i, ...zeros], [1, ...shape]), shape));
  const op: AnyOp = {
    name: 'unstack',
    infer: () => parts,
    vjp: [(gs, _, __, outs) => stack(outs.map((part, i) => gs[i] ?? zerosLike(part)))],
  };
  return track(op, [x], null, (node: Node | null) => parts.map((part, i) => sharing(who, part, node, i)));
}

/** Throws a TypeError for a leaf of a tree that is neither a tensor nor null nor undefined. */
export function checkTensorsOnly(who: string, what: string, tree: unknown): void {
  mapLeaves(
    who,
    (x) => x,
    (leaf) => {
      if (leaf === null || leaf === undefined) return leaf;
      throw new TypeError(`${who}: expected ${what}, got ${show(leaf)}`);
    },
    tree,
  );
}
