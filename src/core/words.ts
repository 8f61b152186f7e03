import { isList } from './plain.js';

// How values are written in messages: short whatever they are, and never by calling into them.

const LONGEST = 60;
const LONGEST_SHOWN = 200;
const MOST = 16; // entries of a list, and of a list in it
const DEEPEST = 3;

/** A string in quotes, cut when long. */
export const quote = (s: string): string => JSON.stringify(cut(s));

/** Text of at most `longest` characters, with `...` where it was cut. */
export const cut = (text: string, longest = LONGEST): string =>
  text.length > longest ? `${text.slice(0, longest)}...` : text;

/**
 * What a value is, in words for a message: `the number 3`, `an array`, `undefined`.
 * @example
 * kindOf(new Map()); // 'a Map'
 */
export function kindOf(x: unknown): string {
  if (x === null || x === undefined) return String(x);
  if (typeof x === 'function') return 'a function';
  if (typeof x === 'string') return `the string ${quote(x)}`;
  if (typeof x === 'bigint') return -(2n ** 64n) < x && x < 2n ** 64n ? `the bigint ${x}` : 'a bigint of many digits';
  // eslint-disable-next-line @typescript-eslint/no-base-to-string -- a number, a boolean or a symbol
  if (typeof x !== 'object') return `the ${typeof x} ${cut(String(x))}`;
  try {
    if (Array.isArray(x)) return 'an array';
    // That of the prototype: an object may have a key `constructor` of its own.
    const { constructor } = (Object.getPrototypeOf(x) ?? {}) as { readonly constructor?: { readonly name?: unknown } };
    const name = constructor?.name;
    if (typeof name !== 'string' || name === '' || name === 'Object') return 'an object';
    return `${/^[aeiou]/i.test(name) ? 'an' : 'a'} ${cut(name)}`;
  } catch {
    return 'an object that cannot be looked at';
  }
}

/**
 * A value as it stands in a message: a number as itself, a list with its first entries (`[2,3]`, as
 * shapes are written), else what it is.
 * @example
 * show([2, 3]); // '[2,3]'
 */
export const show = (x: unknown): string => cut(inside(x, 0), LONGEST_SHOWN);

function inside(x: unknown, depth: number): string {
  if (typeof x === 'number') return String(x);
  if (typeof x === 'string') return quote(x);
  if (!isList(x) || depth === DEEPEST) return kindOf(x);
  try {
    const entries = Array.from({ length: Math.min(x.length, MOST) }, (_, i) =>
      i in x ? inside(x[i], depth + 1) : 'a hole',
    );
    return `[${entries.join(',')}${x.length > MOST ? `,... ${x.length} in all` : ''}]`;
  } catch {
    return 'an array that cannot be read';
  }
}
