import assert from 'node:assert/strict';
import fc from 'fast-check';
import { argsort, cast, cpu, reference, searchSorted, sort, takeAlong, tensor, topK, vmap, type Tensor } from 'bigrad';
import { values } from '../support/close.js';

const number = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(NaN, Infinity, -Infinity, -0));
const row = fc.array(number, { maxLength: 12 });
const ordered = (xs: readonly number[]): number[] =>
  [...xs].sort((a, b) => (a < b ? -1 : a > b ? 1 : +Number.isNaN(a) - +Number.isNaN(b)));
const plain = (xs: readonly number[]): number[] => xs.map((x) => x + 0); // no -0

for (const device of [cpu, reference])
  describe(`order, on ${device.name}`, () => {
    const t = (xs: number[]): Tensor => tensor(xs, { device, dtype: 'float64' });

    it('sort orders any row, NaN last', () => {
      fc.assert(
        fc.property(row, (xs) => {
          assert.deepEqual(plain(values(sort(t(xs)))), plain(ordered(xs)));
          assert.deepEqual(plain(values(sort(t(xs), 0, { descending: true }))), plain(ordered(xs).reverse()));
        }),
      );
    });

    it('argsort keeps the order of ties, both ways', () => {
      assert.deepEqual(values(argsort(t([2, 1, 2, NaN, 1, NaN]))), [1, 4, 0, 2, 3, 5]);
      assert.deepEqual(values(argsort(t([2, 1, 2, NaN, 1, NaN]), -1, { descending: true })), [3, 5, 0, 2, 1, 4]);
    });

    it('argsort says where the elements of sort came from, along any axis', () => {
      const x = tensor(
        [
          [3, 1, 2],
          [0, 5, 4],
        ],
        { device },
      );
      for (const axis of [0, 1, -1])
        assert.deepEqual(values(takeAlong(x, argsort(x, axis), axis)), values(sort(x, axis)));
    });

    it('topK is the beginning of a descending sort', () => {
      fc.assert(
        fc.property(row, fc.nat(12), (xs, k) => {
          const most = Math.min(k, xs.length);
          const { values: top, indices } = topK(t(xs), most);
          assert.deepEqual(plain(values(top)), plain(ordered(xs).reverse().slice(0, most)));
          assert.deepEqual(
            values(indices).map((i) => xs[i]),
            values(top),
          );
        }),
      );
    });

    it('searchSorted puts everything first in an empty row', () => {
      assert.deepEqual(values(searchSorted(t([]), t([1, NaN]), { side: 'right' })), [0, 0]);
      const other = tensor([], { dtype: t([1]).dtype, device: t([1]).device === cpu ? reference : cpu });
      assert.throws(() => searchSorted(other, t([1])), /searchSorted: expected tensors on one device/);
    });

    it('searchSorted keeps a row sorted, on either side of what is equal', () => {
      fc.assert(
        fc.property(row, number, (xs, v) => {
          const sorted = t(ordered(xs));
          const below = (a: number): boolean => !Number.isNaN(a) && (a < v || Number.isNaN(v));
          const equal = (a: number): boolean => a === v || (Number.isNaN(a) && Number.isNaN(v));
          const left = xs.filter(below).length;
          assert.deepEqual(values(searchSorted(sorted, t([v]))), [left]);
          assert.deepEqual(values(searchSorted(sorted, t([v]), { side: 'right' })), [left + xs.filter(equal).length]);
        }),
      );
    });

    it('searchSorted has a row of its own for each example of a vmap within a vmap', () => {
      const sorted = tensor(
        [
          [0, 2, 4],
          [1, 3, 5],
        ],
        { device },
      );
      const sought = t([1, 3, 4, 9]);
      const f = vmap((s: Tensor) => vmap((v: Tensor) => searchSorted(cast(s, 'float64'), v))(sought));
      assert.deepEqual(values(f(sorted)), [1, 2, 2, 3, 0, 1, 2, 3]);
      assert.deepEqual(f(sorted).shape, [2, 4]);
      assert.deepEqual(f.slices, {});
    });
  });
