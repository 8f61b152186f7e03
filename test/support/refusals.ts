import assert from 'node:assert/strict';

/** [the function, a call with wrong arguments, what its message says after the name]. */
export type Refusal = readonly [name: string, call: () => unknown, said: RegExp];

/** One test per refusal: a RangeError or TypeError `name: expected ..., got ...`. */
export function refuse(table: readonly Refusal[]): void {
  const times = new Map<string, number>();
  for (const [name, call, said] of table) {
    const nth = (times.get(name) ?? 0) + 1;
    times.set(name, nth);
    it(`${name} refuses ${said.source} (${nth})`, () => {
      let error: unknown;
      try {
        call();
      } catch (e) {
        error = e;
      }
      assert.ok(error instanceof RangeError || error instanceof TypeError, `expected an error, got ${String(error)}`);
      assert.match(error.message, new RegExp(`^${name}: expected .*, got `, 's'));
      assert.match(error.message, said);
    });
  }
}

/** A value of the wrong kind, past the type checker. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export const wrong = (x: unknown): any => x;

/** The names of a module's functions that no refusal is about. */
export const unrefused = (module: object, table: readonly Refusal[], exempt: readonly string[] = []): string[] =>
  Object.entries(module)
    .filter(([name, value]) => typeof value === 'function' && !exempt.includes(name))
    .map(([name]) => name)
    .filter((name) => !table.some(([refused]) => refused === name));
