import { aString, flag, listThat, type Check } from '../core/check.js';
import { quote } from '../core/words.js';

/** Names of tensors: a list of them, or a function that tells them. */
export type Names = readonly string[] | ((name: string) => boolean);

/** Which tensors of a file are loaded: all by default. */
export interface Selection {
  /** The tensors to load. */
  readonly only?: Names;
  /** The tensors to leave out. */
  readonly skip?: Names;
}

const someNames: Check<Names> = (who, name, value) =>
  typeof value === 'function' ? (value as Names) : listThat(aString)(who, name, value);
/** How a selection is checked. */
export const selectionChecks = { only: someNames, skip: someNames };

/** Of the names in a file, those to load. */
export function select(who: string, names: readonly string[], { only, skip }: Selection): ReadonlySet<string> {
  const there = new Set(names);
  const pick = (option: string, chosen: Names): readonly string[] => {
    if (typeof chosen === 'function') return names.filter((name) => flag(who, `what ${option} gives`, chosen(name)));
    for (const name of chosen)
      if (!there.has(name))
        throw new RangeError(
          `${who}: expected names of the file's tensors in ${option}, such as ${quote(names[0] ?? '')}, got ${quote(name)}`,
        );
    return chosen;
  };
  const wanted = new Set(only ? pick('only', only) : there);
  for (const name of skip ? pick('skip', skip) : []) wanted.delete(name);
  return wanted;
}
