import { kindOf } from '../core/dtype.js';
import { attach, watching } from '../core/op.js';
import type { Tensor } from '../core/tensor.js';
import { flattenTree, leaves } from '../core/tree.js';

/**
 * `f` with its intermediate values dropped: the backward pass runs it again. Values and derivatives of every order are those of `f`, also with respect to
 * tensors that `f` captures; `f` must be pure.
 */
export function checkpoint<A extends unknown[], Y>(f: (...args: A) => Y): (...args: A) => Y {
  if (typeof f !== 'function') throw new TypeError(`checkpoint: expected a function, got ${kindOf(f)}`);
  return (...args) => {
    const { leaves: outs, rebuild } = flattenTree(f(...args));
    const scopes = watching(outs);
    if (scopes.length === 0) return rebuild(outs);

    // What was open when f ran is opened again, so that the same history is recorded, for captured tensors too.
    const again = (): readonly Tensor[] => {
      const closed = scopes.filter((s) => !s.open);
      for (const s of closed) s.open = true;
      try {
        return leaves(f(...args));
      } finally {
        for (const s of closed) s.open = false;
      }
    };
    for (const x of outs) x.device.share?.(x); // f may return what it captured
    const depth = 1 + Math.max(...outs.map((x) => x.node?.depth ?? 0));
    return rebuild(attach(outs, { op: null, ins: [], attrs: null, depth, scopes, outs: [], rebuild: again }));
  };
}
