/** Checks that `value` is a positive integer; the RangeError names function and argument. */
export function checkSize(who: string, name: string, value: number): number {
  if (!Number.isInteger(value) || value < 1)
    throw new RangeError(`${who}: expected ${name} to be a positive integer, got ${value}`);
  return value;
}
