import type { Check } from './check.js';
import { isPlain } from './plain.js';
import { unreadable } from './reading.js';
import { cut, kindOf } from './words.js';

/** An option that may not be left out. */
export interface Needed<T> {
  readonly needed: Check<T>;
}

/** A check for every option of `T`: forgetting one is a type error. */
export type Checks<T> = {
  readonly [K in keyof T]-?: undefined extends T[K] ? Check<Exclude<T[K], undefined>> : Needed<T[K]>;
};

/**
 * A checked copy of an object of options. The caller may change the original later. Throws a
 * TypeError that names `who` and the options it knows for any other option, which would pass
 * without a word, and for anything but a plain object.
 * @param who the function that the options are for
 * @param checks one for each option; `{ needed: check }` where it may not be left out
 * @example
 * const options: { rate: number; steps?: number } = { rate: 0.1 };
 * checkOptions('f', options, { rate: { needed: positive }, steps: count }); // { rate: 0.1 }
 */
export function checkOptions<T extends object>(who: string, options: T, checks: Checks<NoInfer<T>>): T {
  const given: unknown = options;
  const known = () => Object.keys(checks).join(', ');
  if (!isPlain(given)) throw new TypeError(`${who}: expected an object with ${known()}, got ${kindOf(given)}`);
  let own: Record<string, unknown>;
  try {
    own = { ...given };
  } catch (cause) {
    throw unreadable(who, 'options', cause);
  }
  for (const name in own)
    if (!Object.hasOwn(checks, name))
      throw new TypeError(`${who}: expected no options but ${known()}, got ${cut(name)}`);
  const checked: Record<string, unknown> = {};
  for (const name in checks) {
    const check = (checks as Record<string, unknown>)[name] as Check<unknown> | Needed<unknown>;
    const value = Object.hasOwn(own, name) ? own[name] : undefined;
    if (typeof check === 'object') checked[name] = check.needed(who, name, value);
    else if (value !== undefined) checked[name] = check(who, name, value);
  }
  return checked as T;
}
