import { attach, deepest, watching } from '../core/history.js';
import { detach, sharing } from '../core/storage.js';
import type { Node, Scope, Tensor } from '../core/tensor.js';
import { neg } from '../ops/index.js';
import { openWhile, type Watched } from './quiet.js';

/** What makes a vector an implicit function of all that `f` captures. */
export interface ImplicitRule {
  /** f(x) = 0 defines x. */
  readonly f: (x: Tensor) => Tensor;
  /** The solution lambda of (df/dx)' lambda = g at x, written with ops and solves. */
  readonly adjoint: (x: Tensor, g: Tensor) => Tensor;
}

/**
 * `x`, the solution of f(x) = 0, with its derivatives in everything that f captures: dx = -
 * (df/dx)^-1 df. A cotangent g of x goes on to f(x) as - (df/dx)^-T g. f runs again for that, where
 * x is constant for the transform that asks. Outer transforms see x, so derivatives of every order
 * follow.
 */
export function implicit(who: string, x: Tensor, { scopes, depth }: Watched, { f, adjoint }: ImplicitRule): Tensor {
  if (scopes.length === 0) return x;
  const passes = ([g]: readonly (Tensor | null)[], scope: Scope): [Tensor, Tensor][] => {
    const at = seenByOthers(who, node.outs[0]!);
    const lambda = adjoint(at, g!);
    return [[openWhile(scope, () => f(at)), neg(lambda)]];
  };
  const node: Node = { op: null, ins: [], attrs: null, depth: depth + 1, scopes, outs: [], passes };
  return attach(node, (n) => [sharing(who, x, n)])[0]!;
}

/** `x` as the transforms see it that are still open: the one whose pass it is has ended. */
function seenByOthers(who: string, x: Tensor): Tensor {
  const scopes = watching([x]);
  if (scopes.length === 0) return detach(x);
  return sharing(who, x, { op: null, ins: [x], attrs: null, depth: 1 + deepest([x]), scopes, outs: [] });
}
