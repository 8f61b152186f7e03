import { detach } from './storage.js';
import type { AnyOp, Node, Scope, Tensor } from './tensor.js';

// How tensors remember where they came from, for the transforms that watch.

/** An op's outputs, with a node that says how they came about if a transform watches an input. */
export function track(op: AnyOp, ins: readonly Tensor[], attrs: unknown, make: MakeOutputs): Tensor[] {
  const scopes = watching(ins);
  if (scopes.length === 0) return make(null);
  const known = ins.some(stale) ? ins.map(release) : ins;
  return attach({ op, ins: known, attrs, depth: 1 + deepest(ins), scopes, outs: none }, make);
}

/** The outputs of a new node. */
export const attach = (node: Node, make: MakeOutputs): Tensor[] => (node.outs = make(node));

/** Makes outputs that belong to a node, or to none. */
type MakeOutputs = (node: Node | null) => Tensor[];

const none: readonly never[] = [];

/** The open scopes that any input depends on; nobody else will ask for this op's derivative. */
export function watching(ins: readonly Tensor[]): readonly Scope[] {
  let all: readonly Scope[] = none;
  for (const { node } of ins) {
    if (!node || node.scopes === all) continue;
    const fresh = node.scopes.filter((s) => s.open && !all.includes(s));
    if (fresh.length === 0) continue;
    all = all.length > 0 ? [...all, ...fresh] : fresh.length === node.scopes.length ? node.scopes : fresh;
  }
  return all;
}

/** True for what a finished transform has left a history that nobody watches. */
const stale = (x: Tensor): boolean => x.node !== null && !x.node.scopes.some((s) => s.open);

/**
 * `x` as it may leave a transform that has ended: without its history unless an outer one still
 * watches.
 */
export const release = (x: Tensor): Tensor => (stale(x) ? detach(x) : x);

/** Runs `f` while some scopes are open, or closed. */
export function withOpen<Y>(scopes: readonly Scope[], open: boolean, f: () => Y): Y {
  const changed = scopes.filter((s) => s.open !== open);
  for (const s of changed) s.open = open;
  try {
    return f();
  } finally {
    for (const s of changed) s.open = !open;
  }
}

export const deepest = (ins: readonly Tensor[]): number => {
  let depth = 0;
  for (const { node } of ins) if (node && node.depth > depth) depth = node.depth;
  return depth;
};
