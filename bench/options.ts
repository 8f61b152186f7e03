import { CommanderError, InvalidArgumentError, type Command } from 'commander';

const BAD_OPTION = 2;

/** Exit code of a run that Ctrl-C ended. */
export const INTERRUPTED = 130;

/** Parses seconds of time. */
export function seconds(text: string): number {
  const n = Number(text);
  if (!(n > 0 && n < Infinity)) throw new InvalidArgumentError('Expected a positive number of seconds.');
  return n;
}

/** A parser of integers from `low` to `high`. */
export const integer =
  (low: number, high = 2 ** 31 - 1) =>
  (text: string): number => {
    const n = Number(text);
    if (!/^\d+$/.test(text) || n < low || n > high)
      throw new InvalidArgumentError(`Expected an integer from ${low} to ${high}.`);
    return n;
  };

const matches = (name: string, filter: string): boolean => name.toLowerCase().includes(filter.toLowerCase());

/**
 * What any filter names, in its own order; everything without filters. A filter that names nothing
 * ends the command.
 */
export function choose<T extends { readonly name: string }>(
  command: Command,
  all: readonly T[],
  filters: readonly string[],
): T[] {
  const missing = filters.find((f) => !all.some(({ name }) => matches(name, f)));
  if (missing !== undefined) command.error(`error: no case contains '${missing}'; --list prints them all`);
  return all.filter(({ name }) => filters.length === 0 || filters.some((f) => matches(name, f)));
}

/** Ends when Ctrl-C asks for it: what is finished is kept. A second one ends the process. */
export function onInterrupt(): AbortSignal {
  const interrupt = new AbortController();
  process.once('SIGINT', () => {
    interrupt.abort();
  });
  return interrupt.signal;
}

/** Runs a command, whose wrong options make exit code 2. */
export async function run(main: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await main();
  } catch (e) {
    if (!(e instanceof CommanderError)) throw e; // commander has printed its line
    process.exitCode = e.exitCode === 0 ? 0 : BAD_OPTION;
  }
}
