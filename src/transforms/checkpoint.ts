import { attach, watching } from '../core/history.js';
import { runsOf } from '../core/graph.js';
import { sharing } from '../core/storage.js';
import type { Node, Tensor } from '../core/tensor.js';
import { copyArguments, flatten, leavesOf } from '../core/tree.js';
import { kindOf } from '../core/words.js';

/**
 * `f` with its intermediate values dropped: the backward pass runs it again. Values and derivatives
 * of every order are those of `f`, also with respect to tensors that `f` captures; `f` must be
 * pure. Each time it gets new copies of the arrays and objects among its arguments, so it may write
 * into them.
 * @example
 * const block = checkpoint((x) => tanh(tanh(x)));
 * grad((x) => sum(block(x)))(tensor([0, 1])); // float32[2] on cpu [1, 0.246868]
 */
export const checkpoint = <A extends unknown[] = Tensor[], Y = Tensor>(f: (...args: A) => Y): ((...args: A) => Y) =>
  checkpointOf('checkpoint', f);

/** `checkpoint` that names `who` in its errors. */
export function checkpointOf<A extends unknown[], Y>(who: string, f: (...args: A) => Y): (...args: A) => Y {
  if (typeof f !== 'function') throw new TypeError(`${who}: expected a function, got ${kindOf(f)}`);
  return (...given) => {
    const args = copyArguments(who, given);
    const run = (): Y => f(...copyArguments(who, args));
    const { leaves: outs, rebuild } = flatten(who, run());
    const scopes = watching(outs);
    if (scopes.length === 0) return rebuild(outs);
    const open = [...scopes, ...new Set(runsOf(outs))].filter((s) => s.open);

    // What was open when f ran is opened again, so that the same history is recorded, for captured
    // tensors too.
    const again = (gs: readonly (Tensor | null)[]): [Tensor, Tensor][] => {
      const closed = open.filter((s) => !s.open);
      for (const s of closed) s.open = true;
      try {
        return leavesOf(who, run()).flatMap((x, i) => (gs[i] ? [[x, gs[i]]] : []));
      } finally {
        for (const s of closed) s.open = false;
      }
    };
    const depth = 1 + Math.max(...outs.map((x) => x.node?.depth ?? 0));
    const node: Node = { op: null, ins: [], attrs: null, depth, scopes, outs: [], passes: again, repeats: true };
    return rebuild(attach(node, sharedBy(who, outs)));
  };
}

/**
 * Outputs of a node that share their storage with `outs`, since f may return what it captured. It
 * stands here because a closure beside `again` would keep the history of `outs` for as long.
 */
const sharedBy = (who: string, outs: readonly Tensor[]) => (node: Node | null) =>
  outs.map((x, i) => sharing(who, x, node, i));
