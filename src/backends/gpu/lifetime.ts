import type { Window } from './engine/memory.js';

/** Whether a device, and the storage on it, can still be used. */
export interface Lifetime {
  /** Throws a TypeError after the end, or where one of the windows was released. */
  readonly check: (who: string, windows?: readonly Window[]) => void;
  /** Ends it; false where it had ended before. */
  readonly end: () => boolean;
}

/** The lifetime of a device, which begins. */
export function createLifetime(name: string): Lifetime {
  let ended = false;
  return {
    check: (who, windows = []) => {
      if (ended) throw new TypeError(`${who}: expected a device in use, got ${name} after dispose()`);
      windows.forEach((window) => {
        checkHeld(who, window);
      });
    },
    end: () => {
      if (ended) return false;
      return (ended = true);
    },
  };
}

function checkHeld(who: string, { ticket }: Window): void {
  if (!ticket.open)
    throw new TypeError(
      `${who}: expected a tensor with values, got one that was disposed of, or left a scope that did not return it`,
    );
}
