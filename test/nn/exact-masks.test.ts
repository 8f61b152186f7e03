import assert from 'node:assert/strict';
import fc from 'fast-check';
import { grad, leaves, reshape, sum, tensor, vmap, stack, type Tensor } from 'bigrad';
import { nOfMMasks, topKMasks } from 'bigrad/nn';
import { f64, list, number } from '../support/numbers.js';
import { refuses } from '../support/refuses.js';
import { flat, near, values } from '../support/close.js';

/** Numbers with many ties, and masks of which some are 0 already. */
const cases = fc.integer({ min: 1, max: 4 }).chain((n) =>
  fc.record({
    w: list(2 * n, fc.oneof(number(-3, 3), fc.constantFrom(0, 1, -1))),
    m: list(2 * n, fc.constantFrom(1, 1, 0, -0.5)),
  }),
);

/** The places of the k largest magnitudes that are not masked, the first of ties. */
const places = (w: readonly number[], m: readonly number[], k: number): Set<number> =>
  new Set(
    w
      .map((x, i) => [m[i] === 0 ? -1 : Math.abs(x), i] as const)
      .sort(([a, i], [b, j]) => b - a || i - j)
      .slice(0, k)
      .map(([, i]) => i),
  );
const expected = (w: readonly number[], m: readonly number[], k: number): number[] =>
  m.map((v, i) => (places(w, m, k).has(i) ? v : 0));

describe('topKMasks', () => {
  it('keeps exactly k of the masks that are not 0, over all leaves', () => {
    fc.assert(
      fc.property(cases, fc.nat(8), ({ w, m }, some) => {
        const [k, half] = [Math.min(some, w.length), w.length / 2];
        const tree = (x: number[]) => ({ a: f64(x.slice(0, half)), b: [reshape(f64(x.slice(half)), [1, half])] });
        const got = topKMasks(tree(w), tree(m), k);
        near(flat(got), expected(w, m, k), 0);
        const left = flat(got).filter((v) => v !== 0).length;
        assert.equal(left, Math.min(k, m.filter((v) => v !== 0).length));
      }),
    );
  });

  it('keeps NaN, absent masks, the dtype of masks, and gives no derivative to weights', () => {
    near(flat(topKMasks(f64([1, NaN, 2]), f64([1, 1, 1]), 1)), [0, 1, 0], 0);
    const masks = { w: tensor([1, 1], { dtype: 'int32' }) };
    const got = topKMasks({ w: f64([1, 2]), b: f64([9]) }, masks as never, 1) as typeof masks;
    assert.deepEqual([got.w.dtype, values(got.w), leaves(got).length], ['int32', [0, 1], 1]);
    const slope = grad((w: Tensor) => sum(topKMasks(w, f64([2, 3]), 1)))(f64([5, 4]));
    near(flat(slope), [0, 0], 0);
  });

  it('refuses more than there are, masks of other shapes, and trees without masks', () => {
    const w = f64([1, 2]);
    refuses(() => topKMasks(w, w, 3), RangeError, 'topKMasks: expected k of at most 2', '3');
    refuses(() => topKMasks(w, w, -1), RangeError, 'topKMasks: expected k', '-1');
    refuses(() => topKMasks(w, f64([1]), 1), RangeError, 'topKMasks: expected a mask of the shape', '[1]');
    refuses(() => topKMasks({ w }, {}, 0), TypeError, 'topKMasks: expected a tree with at least one mask');
  });
});

describe('nOfMMasks', () => {
  it('keeps n of every m along an axis', () => {
    fc.assert(
      fc.property(cases, fc.nat(2), ({ w, m }, n) => {
        const pairs = w.map((_, i) => i).filter((i) => i % 2 === 0);
        const want = pairs.flatMap((i) => expected(w.slice(i, i + 2), m.slice(i, i + 2), n));
        near(flat(nOfMMasks(f64(w), f64(m), n, 2)), want, 0);
        const column = [w.length, 1];
        near(flat(nOfMMasks(reshape(f64(w), column), reshape(f64(m), column), n, 2, 0)), want, 0);
      }),
    );
  });

  it('is the same for each of a batch', () => {
    const [w, m] = [f64([[3, -1, 2, 0.5], [1, 4, 4, 0]]), f64([[1, 1, 1, 1], [1, 1, 1, 0]])]; // prettier-ignore
    const f = (a: Tensor, b: Tensor) => stack([nOfMMasks(a, b, 1, 2), topKMasks(a, b, 3)]);
    assert.deepEqual(values(vmap(f)(w, m)), [1, 0, 1, 0, 1, 1, 1, 0, 0, 1, 1, 0, 1, 1, 1, 0]);
  });

  it('refuses groups that do not fit', () => {
    const w = f64([1, 2, 3]);
    refuses(() => nOfMMasks(w, w, 1, 2), RangeError, 'nOfMMasks: expected axis 0 to have a multiple of 2', '3');
    refuses(() => nOfMMasks(w, w, 4, 3), RangeError, 'nOfMMasks: expected n of at most m, 3', '4');
    refuses(() => nOfMMasks(w, w, 1, 0), RangeError, 'nOfMMasks: expected m', '0');
    refuses(() => nOfMMasks(w, w, 1, 3, 1), RangeError, 'nOfMMasks:', '1');
  });
});
