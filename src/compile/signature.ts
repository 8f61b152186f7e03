import { kindOf } from '../core/words.js';
import { childrenOf, isBranch, tooDeep } from '../core/tree.js';
import { Tensor } from '../core/tensor.js';

/** The arguments of a compiled function, taken apart. */
export interface Signature {
  /**
   * The same for arguments of the same structure, shapes, dtypes, strings and booleans; numbers may
   * differ where they are not static.
   */
  readonly key: string;
  /** Tensors and numbers, depth first. */
  readonly leaves: readonly (Tensor | number)[];
  readonly tensors: readonly Tensor[];
  /** A leaf that a key cannot tell from others, or that could hide a tensor, if there is one. */
  readonly odd: { readonly leaf: unknown } | undefined;
}

/**
 * Takes arguments apart in one walk, for it is made at every call. Numbers of the arguments at the
 * positions in `still` are part of the key. Throws a TypeError for tensors there.
 */
export function signatureOf(args: readonly unknown[], still: readonly number[] = []): Signature {
  const leaves: (Tensor | number)[] = [];
  const tensors: Tensor[] = [];
  let odd: Signature['odd'];
  let key = '';
  const open: unknown[] = []; // the branches around what is walked
  const walk = (x: unknown, depth: number, stays: boolean): void => {
    if (x instanceof Tensor) {
      if (stays) throw new TypeError('compile: expected static arguments without tensors, got a Tensor in one');
      leaves.push(x);
      tensors.push(x);
      key += `${x.dtype}[${x.shape.join()}]`;
    } else if (typeof x === 'number' && stays) key += `#${Object.is(x, -0) ? '-0' : x}`;
    else if (typeof x === 'number') {
      leaves.push(x);
      key += 'number';
    } else if (typeof x === 'string') key += JSON.stringify(x);
    else if (isBranch(x)) {
      // Found at once, since each level makes the key longer.
      if (open.includes(x)) throw tooDeep('compile');
      open.push(x);
      const list = Array.isArray(x);
      key += list ? '[' : '{';
      for (const [name, child] of childrenOf('compile', x, depth)) {
        if (!list) key += `${JSON.stringify(name)}:`;
        walk(child, depth + 1, stays || (depth === 0 && still.includes(Number(name))));
        key += ',';
      }
      key += list ? ']' : '}';
      open.pop();
    } else {
      if (isPlain(x)) key += String(x);
      else odd ??= { leaf: x };
    }
  };
  walk(args, 0, false);
  return { key, leaves, tensors, odd };
}

const isPlain = (leaf: unknown): boolean => typeof leaf === 'boolean' || leaf === null || leaf === undefined;

/**
 * Throws a TypeError for a leaf that is no tensor, number, string or boolean, nor null or
 * undefined.
 */
export function checkLeaf(where: string, leaf: unknown): void {
  if (typeof leaf !== 'number' && typeof leaf !== 'string' && !isPlain(leaf))
    throw new TypeError(
      `compile: expected trees of tensors, numbers, strings and booleans ${where}, got ${kindOf(leaf)}`,
    );
}
