import type { Call } from '../calls/index.js';
import type { Case } from './outcome.js';
import { placeAt, places, put, type Place } from './places.js';
import type { Wrong } from './wrong.js';

/** Each call with each of what `wrongs` gives for one of its places put there, and then run. */
export const replaced = (
  table: readonly Call[],
  kind: string,
  wrongs: (call: Call, place: Place) => readonly Wrong[],
  run: (call: Call, args: unknown[]) => ReturnType<Case['run']>,
): Case[] =>
  table.flatMap((call) =>
    places(call.args()).flatMap((place) =>
      wrongs(call, place).map(([what, make]) => ({
        id: call.id,
        what: `${kind} ${place.path} is ${what}`,
        run: () => {
          const args = call.args();
          put(placeAt(args, place.path), make());
          return run(call, args);
        },
      })),
    ),
  );
