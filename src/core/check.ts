import { checkDType, type DType } from './dtype.js';
import { isList } from './plain.js';
import { reading, unreadable } from './reading.js';
import { kindOf, show } from './words.js';

/**
 * One way to check every argument that is no tensor: a check takes the name of the function, that
 * of the argument, and the value, which it returns with its type. It throws a TypeError for a value
 * of another kind. It throws a RangeError for a value of this kind that is not allowed.
 */
export type Check<T> = (who: string, name: string, value: unknown) => T;

/** A number of some kind, in words. */
export const numberThat =
  (words: string, holds: (v: number) => boolean): Check<number> =>
  (who, name, value) => {
    if (typeof value !== 'number') throw new TypeError(`${who}: expected ${name} ${words}, got ${kindOf(value)}`);
    if (!holds(value)) throw new RangeError(`${who}: expected ${name} ${words}, got ${value}`);
    return value;
  };

/**
 * Any number, NaN and infinities too.
 * @example
 * anyNumber('f', 'start', -Infinity); // -Infinity
 */
export const anyNumber = numberThat('to be a number', () => true);
/**
 * A finite number.
 * @example
 * finite('f', 'slope', 0.1); // 0.1
 */
export const finite = numberThat('to be a finite number', Number.isFinite);
/**
 * A finite number above 0.
 * @example
 * positive('f', 'temperature', 0.5); // 0.5
 */
export const positive = numberThat('above 0', (v) => v > 0 && v < Infinity);
/**
 * A number of at least `least` and below `below`.
 * @example
 * atLeast(0)('f', 'eps', 1e-8); // 1e-8
 */
export const atLeast = (least: number, below = Infinity): Check<number> =>
  numberThat(`of at least ${least}${below < Infinity ? ` and below ${below}` : ''}`, (v) => v >= least && v < below);
/**
 * A number from `lo` to `hi`, both included.
 * @example
 * between(0, 1)('f', 'rate', 0.5); // 0.5
 */
export const between = (lo: number, hi: number): Check<number> =>
  numberThat(`from ${lo} to ${hi}`, (v) => v >= lo && v <= hi);
/**
 * An integer from `lo` to `hi`, both included.
 * @example
 * integer(-5, 5)('f', 'shift', -2); // -2
 */
export const integer = (lo: number, hi: number): Check<number> =>
  numberThat(`to be an integer from ${lo} to ${hi}`, (v) => Number.isInteger(v) && v >= lo && v <= hi);
/**
 * 1, 2, 3 ...
 * @example
 * count('f', 'steps', 3); // 3
 */
export const count = numberThat('to be a positive integer', (v) => Number.isSafeInteger(v) && v >= 1);
/**
 * 0, 1, 2 ...
 * @example
 * whole('f', 'padding', 0); // 0
 */
export const whole = numberThat('to be a non-negative integer', (v) => Number.isSafeInteger(v) && v >= 0);

/**
 * true or false.
 * @example
 * flag('f', 'training', true); // true
 */
export const flag: Check<boolean> = (who, name, value) => {
  if (typeof value !== 'boolean')
    throw new TypeError(`${who}: expected ${name} to be true or false, got ${kindOf(value)}`);
  return value;
};

/** A string. */
export const aString: Check<string> = (who, name, value) => {
  if (typeof value !== 'string') throw new TypeError(`${who}: expected ${name} to be a string, got ${kindOf(value)}`);
  return value;
};

/**
 * One of some strings.
 * @example
 * oneOf('sum', 'mean')('f', 'reduction', 'sum'); // 'sum'
 */
export const oneOf = <const T extends readonly string[]>(...choices: T): Check<T[number]> => {
  const words = choices.map((c) => `'${c}'`);
  const listed = [words.slice(0, -1).join(', '), ...words.slice(-1)].filter((w) => w !== '').join(' or ');
  return (who, name, value) => {
    if (choices.includes(value as string)) return value as T[number];
    const text = `${who}: expected ${name} ${listed}, got ${kindOf(value)}`;
    throw typeof value === 'string' ? new RangeError(text) : new TypeError(text);
  };
};

/**
 * A function.
 * @example
 * aFunction('f', 'loss', () => 1)(); // 1
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- what it takes and gives cannot be seen
export const aFunction: Check<any> = (who, name, value) => {
  if (typeof value !== 'function')
    throw new TypeError(`${who}: expected ${name} to be a function, got ${kindOf(value)}`);
  return value;
};

/** The name of a dtype. */
export const aDType: Check<DType> = (who, _name, value) => checkDType(who, value);

/**
 * The name of a dtype of floats.
 * @example
 * aFloatType('f', 'dtype', 'float64'); // 'float64'
 */
export const aFloatType: Check<DType> = (who, _name, value) => {
  if (checkDType(who, value) === 'int32') throw new TypeError(`${who}: expected float32 or float64, got int32`);
  return value as DType;
};

/** What is checked where it is used. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- it takes the type of the option it stands for
export const later: Check<any> = (_who, _name, value) => value;

/** A list whose entries pass a check. */
export const listThat =
  <T>(check: Check<T>): Check<readonly T[]> =>
  (who, name, value) =>
    listOf(who, name, value, (entry) => check(who, name, entry));

/**
 * A copy of a list without holes, its entries checked one by one, so that a huge hollow one is
 * refused at once.
 * @param what the list, in words
 * @param each checks an entry, and returns what the copy gets in its place
 * @example
 * listOf('f', 'sizes', [1, 2], (v) => count('f', 'a size', v)); // [ 1, 2 ]
 */
export function listOf<T>(who: string, what: string, list: unknown, each: (entry: unknown, i: number) => T): T[] {
  if (!isList(list)) throw new TypeError(`${who}: expected ${what} as a list, got ${kindOf(list)}`);
  const copy: T[] = [];
  for (let i = 0; ; i++) {
    let entry: unknown;
    try {
      if (i >= list.length) return copy;
      entry = i in list ? list[i] : hole;
    } catch (cause) {
      throw unreadable(who, what, cause);
    }
    if (entry === hole) throw new TypeError(`${who}: expected ${what} without holes, got ${show(list)}`);
    copy.push(each(entry, i));
  }
}
const hole = Symbol('a hole');

/**
 * Methods of an object as they are now, bound to it: what becomes of the object afterwards changes
 * nothing. A TypeError where one is no function.
 */
export function methodsOf<T extends object, const K extends keyof T & string>(
  who: string,
  what: string,
  object: T,
  names: readonly K[],
): Pick<T, K> {
  const given: unknown = object;
  const bound: Record<string, unknown> = {};
  for (const name of names) {
    const method: unknown = reading(who, what, () => (given as Record<string, unknown> | null | undefined)?.[name]);
    if (typeof method !== 'function') throw new TypeError(`${who}: expected ${what}, got ${kindOf(given)}`);
    bound[name] = (method as (this: unknown) => unknown).bind(given);
  }
  return bound as Pick<T, K>;
}

/** The error about an index outside of `least` .. length - 1. */
export const offAxis = (
  axis: { readonly who: string; readonly least: number; readonly length: number },
  index: number,
): RangeError => new RangeError(`${axis.who}: expected indices from ${axis.least} to ${axis.length - 1}, got ${index}`);
