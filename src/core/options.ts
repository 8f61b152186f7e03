import { kindOf } from './dtype.js';
import { Tensor } from './tensor.js';

/** Checks an object of options: a TypeError naming `who` and the options it knows for any other, which would pass without a word. */
export function checkOptions<T extends object>(who: string, options: T, names: readonly (keyof T & string)[]): T {
  const given: unknown = options;
  const known = names.join(', ');
  if (typeof given !== 'object' || given === null || Array.isArray(given) || given instanceof Tensor)
    throw new TypeError(`${who}: expected an object with ${known}, got ${kindOf(given)}`);
  for (const name of Object.keys(given))
    if (!(names as readonly string[]).includes(name))
      throw new TypeError(`${who}: expected no options but ${known}, got ${name}`);
  return options;
}
