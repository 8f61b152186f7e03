import { calls, type Call } from '../calls/index.js';
import { attempt, type Case } from './outcome.js';
import { isTensor, placeAt, places, put } from './places.js';
import { hostile, kinds, tensors, type Wrong } from './wrong.js';

const numbers: Wrong[] = [NaN, Infinity, 2 ** 27, 2 ** 31, 2 ** 53, -1, 1.5].map((v) => [`the number ${v}`, () => v]);

const replaced = (table: readonly Call[], wrongs: readonly Wrong[]): Case[] =>
  table.flatMap((call) =>
    places(call.args())
      .filter(({ value }) => isTensor(value))
      .flatMap(({ path }) =>
        wrongs.map(([what, make]) => ({
          id: call.id,
          what: `tensor ${path} is ${what}`,
          run: () => {
            const args = call.args();
            put(placeAt(args, path), make());
            return attempt(call, args);
          },
        })),
      ),
  );

const methods = calls.filter(({ method }) => method);
const functions = calls.filter(({ method }) => !method);

/**
 * Calls with something else in the place of one tensor: each gives a right answer or is refused.
 */
export const tensorCases = (): Case[] => [
  ...replaced(functions, [...kinds, ...numbers, ...tensors]),
  ...replaced(methods, tensors),
];

/** The same with proxies on which even `instanceof` fails. */
export const proxyCases = (): Case[] => replaced(functions, hostile);
