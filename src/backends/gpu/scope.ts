import type { Backend, Node } from '../../core/tensor.js';
import { leaves } from '../../core/tree.js';
import { kindOf } from '../../core/words.js';
import type { Memory, Window } from './engine/memory.js';

/**
 * Runs `fn`, which may be asynchronous, and releases what it made on a device but for what it
 * returns.
 */
export function runInScope<T>(fn: () => T, memory: Memory, device: Backend): T {
  if (typeof fn !== 'function') throw new TypeError(`scope: expected a function, got ${kindOf(fn)}`);
  const scope = memory.open();
  const closed = <R>(result: R): R => {
    scope.close(reachable(result, device));
    return result;
  };
  const failed = (error: unknown): never => {
    scope.close([]);
    throw error;
  };
  let result;
  try {
    result = fn();
  } catch (error) {
    return failed(error);
  }
  return result instanceof Promise ? (result.then(closed, failed) as typeof result) : closed(result);
}

/**
 * The windows of a tree's tensors, and of those that an open transform needs to differentiate them.
 */
function reachable(tree: unknown, device: Backend): Set<Window> {
  const found = new Set<Window>();
  const seen = new Set<Node>();
  const rest = tree === undefined || tree === null ? [] : leaves(tree);
  for (let x = rest.pop(); x; x = rest.pop()) {
    if (x.device === device && x.storage) found.add(x.storage as Window);
    if (!x.node || seen.has(x.node)) continue;
    seen.add(x.node);
    rest.push(...x.node.ins, ...x.node.outs);
  }
  return found;
}
