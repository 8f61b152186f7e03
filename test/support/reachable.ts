import type { Node } from '../../src/core/tensor.js';

const isNode = (x: object): x is Node => 'op' in x && 'ins' in x && 'scopes' in x && 'depth' in x;

/**
 * The number of graph nodes that anything reachable from `roots` still holds, by a walk over all
 * their objects.
 */
export function reachableNodes(...roots: unknown[]): number {
  const seen = new Set<object>();
  const stack: unknown[] = [...roots];
  let count = 0;
  while (stack.length > 0) {
    const x = stack.pop();
    if (typeof x !== 'object' || x === null || ArrayBuffer.isView(x) || seen.has(x)) continue;
    seen.add(x);
    if (isNode(x)) count++;
    stack.push(...(x instanceof Map || x instanceof Set ? [...x.entries()] : []), ...Object.values(x));
  }
  return count;
}
