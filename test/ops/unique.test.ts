import assert from 'node:assert/strict';
import fc from 'fast-check';
import { compile, cpu, grad, mul, reference, sum, take, tensor, unique, where, type Tensor } from 'bigrad';
import { values } from '../support/close.js';

const row = fc.array(fc.integer({ min: -3, max: 3 }), { maxLength: 12 });

for (const device of [cpu, reference])
  describe(`distinct values, on ${device.name}`, () => {
    const t = (xs: number[]): Tensor => tensor(xs, { device, dtype: 'float64' });

    it('unique has each element once, sorted, with its count, and gives the tensor back', () => {
      fc.assert(
        fc.property(row, (xs) => {
          const { values: once, inverse, counts } = unique(t(xs));
          const distinct = [...new Set(xs)].sort((a, b) => a - b);
          assert.deepEqual(values(once), distinct);
          assert.deepEqual(
            values(counts),
            distinct.map((v) => xs.filter((x) => x === v).length),
          );
          if (xs.length > 0) assert.deepEqual(values(take(once, inverse)), xs);
        }),
      );
    });

    it('unique of a given size is filled up, and can be compiled', () => {
      const f = compile((x: Tensor) => unique(x, { size: 4, fill: -1 }));
      const { values: once, counts } = f(t([2, 0, 2]));
      assert.deepEqual(
        [values(once), values(counts)],
        [
          [0, 2, -1, -1],
          [1, 2, 0, 0],
        ],
      );
      const cut = unique(t([3, 1, 2, 3]), { size: 2 });
      assert.deepEqual(
        [values(cut.values), values(cut.counts)],
        [
          [1, 2],
          [1, 1],
        ],
      );
      assert.throws(() => compile((x: Tensor) => unique(x))(t([1, 2])), /that does not look at values/);
    });

    it('unique gives the derivative to the first of equal elements', () => {
      const slope = grad((x: Tensor) => sum(mul(unique(x).values, t([3, 5]))))(t([2, 1, 2]));
      assert.deepEqual(values(slope), [5, 3, 0]);
    });

    it('where with one argument says where, axis by axis; NaN counts', () => {
      const c = tensor(
        [
          [0, 1, NaN],
          [2, 0, -0],
        ],
        { device },
      );
      assert.deepEqual(where(c).map(values), [
        [0, 0, 1],
        [1, 2, 0],
      ]);
      assert.ok(where(c).every((x) => x.device === device));
      fc.assert(
        fc.property(row, (xs) => {
          assert.deepEqual(
            values(where(t(xs))[0]!),
            [...xs.keys()].filter((i) => xs[i] !== 0),
          );
        }),
      );
    });
  });
