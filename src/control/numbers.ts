import { asTensor, isNumberArgument } from '../core/number-argument.js';
import { mapLeaves } from '../core/tree.js';

/** A tree in which what stands for a number, in a trace, is a tensor like others. */
export const withoutNumbers = <T>(who: string, tree: T): T =>
  mapLeaves(
    who,
    (x) => x,
    (leaf) => (isNumberArgument(leaf) ? asTensor(who, leaf) : leaf),
    tree,
  ) as T;
