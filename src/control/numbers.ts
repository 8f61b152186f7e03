import { asTensor, isNumberArgument } from '../core/number-argument.js';
import { branchLike, childAt, childrenOf, isBranch } from '../core/tree.js';

/** Whether something in a tree, in a trace, stands for a number. */
export const hasNumbers = (who: string, tree: unknown): boolean =>
  isBranch(tree) ? childrenOf(who, tree, 0).some(([, child]) => hasNumbers(who, child)) : isNumberArgument(tree);

/**
 * A tree in which what stands for a number, in a trace, is a tensor like others, but where `other`
 * has the same number at the same place. The tree is one that was checked: without cycles.
 */
export function withoutNumbers<T>(who: string, tree: T, other?: unknown): T {
  const walk = (x: unknown, y: unknown): unknown => {
    if (isNumberArgument(x)) return x === y ? x : asTensor(who, x);
    if (!isBranch(x)) return x;
    const children = childrenOf(who, x, 0);
    return branchLike(
      x,
      children.map(([key, child]) => [key, walk(child, childAt(who, y, key))]),
    );
  };
  return walk(tree, other) as T;
}
