import { deepest, watching, withOpen } from '../core/history.js';
import { detach } from '../core/storage.js';
import type { Scope, Tensor } from '../core/tensor.js';

/** What would be recorded of some calls if they were not kept quiet. */
export interface Watched {
  /** The open scopes that their results depend on. */
  readonly scopes: readonly Scope[];
  /** The depth of the deepest result. */
  readonly depth: number;
}

/**
 * Calls whose history nobody keeps: a solver runs a function many times, and only the last point
 * counts. The first call is recorded, and so tells which transforms watch what the function
 * captures. Their scopes are closed while later calls run.
 */
export function quietly(): { readonly call: (f: () => Tensor) => Tensor; readonly watched: () => Watched } {
  let scopes: readonly Scope[] = [];
  let depth = 0;
  const call = (f: () => Tensor): Tensor => {
    const y = closedWhile(scopes, f);
    const fresh = watching([y]).filter((s) => !scopes.includes(s));
    if (fresh.length > 0) scopes = [...scopes, ...fresh];
    depth = Math.max(depth, deepest([y]));
    return detach(y);
  };
  return { call, watched: () => ({ scopes, depth }) };
}

/** Runs `f` while some scopes are closed: nothing is recorded for them. */
export function closedWhile<Y>(scopes: readonly Scope[], f: () => Y): Y {
  return withOpen(scopes, false, f);
}

/** Runs `f` while a scope is open: what it does is recorded for it. */
export function openWhile<Y>(scope: Scope, f: () => Y): Y {
  return withOpen([scope], true, f);
}
