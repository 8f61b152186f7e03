import { kindOf, quote } from '../core/words.js';

/**
 * A JSON value; objects are maps, so that no key means anything special and none changes its place.
 */
export type Json = null | boolean | number | string | readonly Json[] | ReadonlyMap<string, Json>;

/**
 * Nested arrays and objects in one JSON text; deeper ones are refused, so that none overflows the
 * stack.
 */
export const MAX_DEPTH = 256;

const LONGEST_NUMBER = 64;
const SPACES: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d]);

// Shared, since a text of many empty arrays and objects would otherwise become a hundred times as
// large in memory.
const EMPTY_LIST: readonly Json[] = [];
const EMPTY_MAP: ReadonlyMap<string, Json> = new Map();

/** What a JSON value is, in words for a message. */
export const describe = (value: Json | undefined): string => (value instanceof Map ? 'an object' : kindOf(value));

/** True for strings that UTF-8 can hold: those without half a surrogate pair. */
export const isWellFormed = (s: string): boolean => !/\p{Surrogate}/u.test(s);

/** Reads the tokens of a JSON text one after another; each throws where another comes. */
function tokensOf(who: string, what: string, text: string) {
  let at = 0;

  const fail = (expected: string): never => {
    const found = at < text.length ? quote(String.fromCodePoint(text.codePointAt(at)!)) : 'its end';
    throw new RangeError(`${who}: expected ${expected} in ${what}, got ${found} at character ${at}`);
  };
  const skip = (): void => {
    while (SPACES.has(text.charCodeAt(at))) at++;
  };
  /** Steps over `mark` and the space before it, if that is what comes. */
  const take = (mark: string): boolean => {
    skip();
    if (text[at] !== mark) return false;
    at++;
    return true;
  };
  const word = <T>(spelling: string, value: T): T => {
    if (!text.startsWith(spelling, at)) fail('a JSON value');
    at += spelling.length;
    return value;
  };

  const string = (): string => {
    skip();
    if (text[at] !== '"') fail('a string');
    let end = at + 1;
    for (; end < text.length && text[end] !== '"'; end++) if (text[end] === '\\') end++;
    try {
      const value = JSON.parse(text.slice(at, end + 1)) as string;
      at = end + 1;
      return value;
    } catch {
      throw new RangeError(
        `${who}: expected a JSON string in ${what}, got ${quote(text.slice(at, end + 1))} at character ${at}`,
      );
    }
  };

  const number = (): number => {
    let end = at;
    while (end < text.length && end - at <= LONGEST_NUMBER && '+-.0123456789eE'.includes(text[end]!)) end++;
    const digits = text.slice(at, end);
    if (digits.length > LONGEST_NUMBER || !/^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(digits))
      throw new RangeError(
        `${who}: expected a JSON number in ${what}, got ${digits.length > 0 ? digits : quote(text[at]!)} at character ${at}`,
      );
    at = end;
    return Number(digits);
  };

  /** The character that comes after space; undefined at the end. */
  const next = (): string | undefined => {
    skip();
    return text[at];
  };
  return { fail, next, take, word, string, number };
}

/**
 * Reads one JSON text, strictly: a key that comes twice is an error, as is nesting beyond
 * `MAX_DEPTH`. Throws RangeErrors that name `who`, and `what` the text is.
 */
export function readJson(who: string, what: string, text: string): Json {
  const { fail, next, take, word, string, number } = tokensOf(who, what, text);
  const pending: Json[] = []; // elements of the arrays that are still open, cut off when one closes

  const array = (depth: number): readonly Json[] => {
    if (take(']')) return EMPTY_LIST;
    const start = pending.length;
    do pending.push(value(depth));
    while (take(','));
    if (!take(']')) fail('"," or "]"');
    return pending.splice(start);
  };

  const object = (depth: number): ReadonlyMap<string, Json> => {
    if (take('}')) return EMPTY_MAP;
    const map = new Map<string, Json>();
    do {
      const key = string();
      if (map.has(key)) throw new RangeError(`${who}: expected distinct keys in ${what}, got ${quote(key)} twice`);
      if (!take(':')) fail('":"');
      map.set(key, value(depth));
    } while (take(','));
    if (!take('}')) fail('"," or "}"');
    return map;
  };

  const value = (depth: number): Json => {
    const first = next();
    if (first === '{' || first === '[') {
      if (depth === MAX_DEPTH)
        throw new RangeError(`${who}: expected at most ${MAX_DEPTH} levels in ${what}, got more`);
      take(first);
      return first === '{' ? object(depth + 1) : array(depth + 1);
    }
    if (first === undefined) return fail('a JSON value');
    if (first === '"') return string();
    if (first === 't') return word('true', true);
    if (first === 'f') return word('false', false);
    if (first === 'n') return word('null', null);
    return number();
  };

  const result = value(0);
  if (next() !== undefined) fail('nothing more');
  return result;
}
