import { isTensorLeaf, kindOfLeaf } from '../core/number-argument.js';
import { isList } from '../core/plain.js';
import { sameShape } from '../core/shape.js';
import { checkReadable, type Tensor } from '../core/tensor.js';
import { childrenOf, isBranch } from '../core/tree.js';
import { cut, show } from '../core/words.js';

/**
 * The tensors of `other`, a tree like `first`: of the same keys, shapes and dtypes, with the same
 * leaves beside the tensors. Throws an error that says what was expected, and where it differs.
 */
export function alike(who: string, what: string, first: unknown, other: unknown): Tensor[] {
  const found: Tensor[] = [];
  const walk = (x: unknown, y: unknown, path: string, depth: number): void => {
    const place = path === '' ? '' : ` at ${cut(path, 200)}`;
    const differ = (a: string, b: string) => `${who}: expected ${what}, got ${a} and ${b}${place}`;
    if (isTensorLeaf(x) && isTensorLeaf(y)) {
      checkReadable(who, y);
      if (!sameShape(x.shape, y.shape)) throw new RangeError(differ(show(x.shape), show(y.shape)));
      if (x.dtype !== y.dtype) throw new TypeError(differ(x.dtype, y.dtype));
      found.push(y);
    } else if (isBranch(x) && isBranch(y) && isList(x) === isList(y)) {
      const [a, b] = [x, y].map((tree) => new Map(childrenOf(who, tree, depth)));
      for (const key of new Set([...a!.keys(), ...b!.keys()]))
        walk(a!.get(key), b!.get(key), `${path}.${key}`, depth + 1);
    } else if (!Object.is(x, y)) throw new TypeError(differ(kindOfLeaf(x), kindOfLeaf(y)));
  };
  walk(first, other, '', 0);
  return found;
}
