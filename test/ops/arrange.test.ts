import assert from 'node:assert/strict';
import fc from 'fast-check';
import { arange, meshgrid, repeat, reshape, roll, tile } from 'bigrad';
import { values } from '../support/close.js';

const lists = fc.integer({ min: 0, max: 7 });

describe('rearrangements', () => {
  it('roll moves each element by the shift, around the end', () => {
    fc.assert(
      fc.property(lists, fc.integer({ min: -20, max: 20 }), (n, by) => {
        const y = values(roll(arange(n), by));
        assert.ok(y.every((v, i) => (v + by - i) % n === 0));
        assert.deepEqual([...y].sort(), [...Array(n).keys()]);
      }),
    );
  });

  it('roll of an axis leaves the others, and of no axis takes a row', () => {
    const x = reshape(arange(6), [2, 3]);
    assert.deepEqual(values(roll(x, 1, 1)), [2, 0, 1, 5, 3, 4]);
    assert.deepEqual(values(roll(x, 1)), [5, 0, 1, 2, 3, 4]);
    assert.deepEqual(values(roll(x, 1, [0, 1])), [5, 3, 4, 2, 0, 1]);
  });

  it('tile and repeat say every element as often', () => {
    fc.assert(
      fc.property(lists, fc.nat(4), (n, times) => {
        assert.deepEqual(
          values(tile(arange(n), [times])),
          Array.from({ length: n * times }, (_, i) => i % n),
        );
        assert.deepEqual(
          values(repeat(arange(n), times)),
          Array.from({ length: n * times }, (_, i) => Math.floor(i / times)),
        );
      }),
    );
  });

  it('tile takes ones in front of the shorter of shape and list', () => {
    assert.deepEqual(tile(arange(2), [3, 1, 2]).shape, [3, 1, 4]);
    assert.deepEqual(tile(reshape(arange(6), [2, 3]), [2]).shape, [2, 6]);
    assert.deepEqual(tile(reshape(arange(6), [2, 3]), [0, 1]).shape, [0, 3]);
  });

  it('repeat follows a list along an axis', () => {
    assert.deepEqual(values(repeat(reshape(arange(4), [2, 2]), [2, 1], 0)), [0, 1, 0, 1, 2, 3]);
  });

  it("meshgrid is x by y as NumPy has it, and y by x with 'ij'", () => {
    const [x, y] = [arange(2), arange(3)];
    assert.deepEqual(
      meshgrid([x, y]).map((g) => [g.shape, values(g)]),
      [
        [
          [3, 2],
          [0, 1, 0, 1, 0, 1],
        ],
        [
          [3, 2],
          [0, 0, 1, 1, 2, 2],
        ],
      ],
    );
    assert.deepEqual(meshgrid([x, y], { indexing: 'ij' }).map(values), [
      [0, 0, 0, 1, 1, 1],
      [0, 1, 2, 0, 1, 2],
    ]);
    assert.deepEqual(
      meshgrid([x, y, arange(4)]).map((g) => g.shape),
      [
        [3, 2, 4],
        [3, 2, 4],
        [3, 2, 4],
      ],
    );
    assert.deepEqual(values(meshgrid([y])[0]!), [0, 1, 2]);
  });
});
