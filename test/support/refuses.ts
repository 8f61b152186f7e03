import assert from 'node:assert/strict';

/** Asserts that `f` throws an error of a kind whose message has all of `words`. */
export function refuses(f: () => unknown, kind: typeof RangeError | typeof TypeError, ...words: string[]): void {
  assert.throws(f, (error: unknown) => {
    assert.ok(error instanceof kind, `expected a ${kind.name}, got ${String(error)}`);
    for (const word of words) assert.ok(error.message.includes(word), `expected "${word}" in "${error.message}"`);
    return true;
  });
}

/**
 * The kind of error for a hyper-parameter: a TypeError where it is no number, a RangeError where it
 * is another than allowed.
 */
export const kindFor = (value: unknown): typeof RangeError | typeof TypeError =>
  typeof value === 'number' ? RangeError : TypeError;
