import assert from 'node:assert/strict';
import { listOf } from '../../src/core/check.js';
import { checkOptions } from '../../src/core/options.js';
import { reading } from '../../src/core/reading.js';
import { leavesOf, mapLeaves } from '../../src/core/tree.js';

const locked = new Error('locked');
const open = (): never => {
  throw locked;
};
/** An object with a getter that throws. */
const guarded = {
  get x(): never {
    return open();
  },
};

class Guarded {
  readonly inner = guarded;
}

describe('what throws when it is read', () => {
  const refused: Record<string, [() => unknown, string]> = {
    'a value': [() => reading('f', 'a value', open), 'a value'],
    'an entry of a list': [() => listOf('f', 'axes', new Proxy([1], { get: open }), (v) => v), 'axes'],
    'an option': [
      () => checkOptions('f', guarded as { x?: number }, { x: (_who, _name, v) => v as number }),
      'options',
    ],
    'a child of a tree': [() => leavesOf('f', guarded), 'a tree'],
    'the keys of an array in a tree': [() => leavesOf('f', new Proxy([], { ownKeys: open })), 'a tree'],
    'a child of the second tree': [
      () =>
        mapLeaves(
          'f',
          (x) => x,
          (x) => x,
          { x: 1 },
          guarded,
        ),
      'a tree',
    ],
    'what a leaf holds': [() => leavesOf('f', new Guarded()), 'a tree'],
  };
  for (const [what, [read, name]] of Object.entries(refused))
    it(`is refused by name, with its error as the cause: ${what}`, () => {
      assert.throws(read, (error: Error) => {
        assert.ok(error instanceof TypeError);
        assert.equal(
          error.message,
          `f: expected ${name} that can be read, got an error from a getter or a proxy: locked`,
        );
        assert.equal(error.cause, locked);
        return true;
      });
    });

  it('may be what another reads well', () => {
    assert.equal(
      reading('f', 'a value', () => 3),
      3,
    );
  });
});
