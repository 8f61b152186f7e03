import { calls, type Call } from '../calls/index.js';
import { mustRefuse, type Case } from './outcome.js';
import { placeAt, places } from './places.js';

type Damage = readonly [what: string, change: (list: unknown[]) => void];

const damages = (length: number): readonly Damage[] => [
  ...(length > 0
    ? ([
        ['its first element deleted', (list) => Reflect.deleteProperty(list, 0)],
        ['its last element deleted', (list) => Reflect.deleteProperty(list, length - 1)],
        ['nothing but holes', (list) => [list.splice(0), (list.length = length)]],
      ] as Damage[])
    : []),
  ['a hole at its end', (list) => (list.length += 1)],
  ['the length 2^31', (list) => (list.length = 2 ** 31)],
];

/** Calls with holes in one list, each of which must be refused. */
export const listCases = (table: readonly Call[] = calls): Case[] =>
  table.flatMap((call) =>
    places(call.args()).flatMap(({ path, value }) =>
      Array.isArray(value) && !call.allow?.(path, [undefined])
        ? damages(value.length).map(([what, change]) => ({
            id: call.id,
            what: `list ${path} has ${what}`,
            run: () => {
              const args = call.args();
              change(placeAt(args, path).value as unknown[]);
              return mustRefuse(call, args);
            },
          }))
        : [],
    ),
  );
