import assert from 'node:assert/strict';
import fc from 'fast-check';
import { cast, grad, leaves, onesLike, sum, tensor, zeros, type DType, type Tensor } from 'bigrad';
import { density, initMasks, magnitudePrune, rewind } from 'bigrad/nn';
import { f64, list, number, value, wave } from '../support/numbers.js';
import { kindFor, refuses } from '../support/refuses.js';
import { flat, near, values } from '../support/close.js';

const dtypes = ['float32', 'float64'] as const;
/** A threshold is searched for bit by bit, and every step is an op. */
const few = { numRuns: 30 };

/**
 * The masks after pruning, by sorting: the threshold is the largest magnitude that does not prune
 * too many.
 */
function bySorting(w: readonly number[], m: readonly number[], fraction: number): number[] {
  const alive = w.map(Math.abs).filter((_, i) => m[i] !== 0);
  const limit = Math.floor(alive.length * fraction);
  const fits = alive.filter((t) => alive.filter((v) => v <= t).length <= limit);
  const threshold = Math.max(-1, ...fits);
  return m.map((v, i) => (Math.abs(w[i]!) <= threshold ? 0 : v));
}
/** Fractions without rounding in either dtype. */
const fractions = fc.integer({ min: 0, max: 16 }).map((k) => k / 16);

for (const dtype of dtypes)
  describe(`magnitudePrune in ${dtype}`, () => {
    const of = (data: number[]): Tensor => cast(f64(data), dtype);
    const cases = (weights: fc.Arbitrary<number>): fc.Arbitrary<{ w: number[]; m: number[] }> =>
      fc
        .integer({ min: 1, max: 12 })
        .chain((n) => fc.record({ w: list(n, weights), m: list(n, fc.constantFrom(1, 1, 1, 0, -0.3)) }));
    const prune = (w: number[], m: number[], fraction: number): number[] =>
      values(magnitudePrune(of(w), of(m), fraction));

    it('sets the masks of the smallest to 0, that fraction of the remaining; the other masks stay', () => {
      fc.assert(
        fc.property(cases(number(-3, 3)), fractions, ({ w, m }, fraction) => {
          near(prune(w, m, fraction), values(of(bySorting(w, m, fraction))), 0);
        }),
        few,
      );
    });

    it('treats ties alike and counts zeros among the weights', () => {
      fc.assert(
        fc.property(cases(fc.constantFrom(0, 0, 1, -1, 2)), fractions, ({ w, m }, fraction) => {
          near(prune(w, m, fraction), values(of(bySorting(w, m, fraction))), 0);
        }),
        few,
      );
      near(prune([1, -1, 1, 1], [1, 1, 1, 1], 0.75), [1, 1, 1, 1], 0); // all or none of equals
      near(prune([1, -1, 1, 1], [1, 1, 1, 1], 1), [0, 0, 0, 0], 0);
      near(prune([0, 0, 1, 2], [1, 1, 1, 1], 0.25), [1, 1, 1, 1], 0);
      near(prune([0, 0, 1, 2], [1, 1, 1, 1], 0.5), [0, 0, 1, 1], 0);
      near(prune([0, 0, 1, 2], [1, 1, 1, 1], 0.75), [0, 0, 0, 1], 0);
    });

    it('finds the threshold among magnitudes of any size, side by side', () => {
      const [least, most] = dtype === 'float32' ? [2 ** -149, 3.4e38] : [Number.MIN_VALUE, Number.MAX_VALUE];
      const exponents = fc.double({ min: Math.log2(least), max: Math.log2(most), noNaN: true }); // of an infinity, sometimes
      const weights = fc.oneof(
        exponents.map((e) => 2 ** e),
        fc.constantFrom(0, least, -2 * least, most, -most, Infinity),
      );
      fc.assert(
        fc.property(cases(weights), fractions, ({ w, m }, fraction) => {
          const rounded = values(of(w));
          near(prune(w, m, fraction), values(of(bySorting(rounded, m, fraction))), 0);
        }),
        few,
      );
    });

    it('tells neighbouring numbers apart', () => {
      const ulp = dtype === 'float32' ? 2 ** -23 : 2 ** -52;
      for (const scale of [
        1,
        dtype === 'float32' ? 2 ** -120 : 2 ** -1000,
        dtype === 'float32' ? 2 ** 126 : 2 ** 1022,
      ]) {
        const w = [3, 1, 0, 2].map((k) => scale * (1 + k * ulp));
        near(prune(w, [1, 1, 1, 1], 0.5), [1, 0, 0, 1], 0);
        near(prune(w, [1, 1, 1, 1], 0.75), [1, 0, 0, 0], 0);
      }
    });

    it('tells neighbouring numbers apart however much larger the largest is', () => {
      const ulp = dtype === 'float32' ? 2 ** -23 : 2 ** -52;
      for (const largest of [7, 7.3, 7.9])
        for (let k = 1; k < 4; k++) {
          const [low, next, top] = [2 - (k + 1) * ulp, 2 - k * ulp, largest];
          near(prune([low, next, top, top], [1, 1, 1, 1], 0.25), [0, 1, 1, 1], 0);
        }
    });

    it('prunes none at 0 and all at 1', () => {
      fc.assert(
        fc.property(cases(number(-3, 3)), ({ w, m }) => {
          near(prune(w, m, 0), values(of(m)), 0);
          near(
            prune(w, m, 1),
            m.map(() => 0),
            0,
          );
        }),
        few,
      );
    });
  });

describe('magnitudePrune', () => {
  const params = {
    conv: {
      weight: f64([
        [0.1, -5],
        [0.3, 4],
      ]),
      bias: f64([0.01, 9]),
    },
    linear: [{ weight: f64([[-0.2, 3]]) }, undefined],
  };

  it('compares over all leaves together, and leaves absent masks absent', () => {
    const masks = initMasks(params, (w) => w.shape.length === 2);
    const pruned = magnitudePrune(params, masks, 0.5);
    assert.deepEqual(values(pruned.conv!.weight!), [0, 1, 0, 1]);
    assert.deepEqual(values(pruned.linear![0]!.weight!), [0, 1]);
    assert.deepEqual([pruned.conv!.bias, leaves(pruned).length], [undefined, 2]);
    assert.deepEqual(flat(masks), [1, 1, 1, 1, 1, 1]); // as it was
    assert.deepEqual(flat(magnitudePrune(params, { linear: [{ weight: f64([[1, 1]]) }] } as never, 0.5)), [0, 1]);
  });

  it('passes over tensors without elements', () => {
    const none = f64([]);
    assert.equal(magnitudePrune(none, none, 0.5).size, 0);
    assert.deepEqual(flat(magnitudePrune([none, f64([1, 2])], [none, f64([1, 1])], 0.5)), [0, 1]);
  });

  it('leaves (1 - fraction)^k of the weights after k times, rounded up each time, in order of magnitude', () => {
    const w = wave([1000]);
    let masks = onesLike(w);
    let left = 1000;
    for (let k = 0; k < 12; k++) {
      const before = values(masks);
      masks = magnitudePrune(w, masks, 0.25);
      left -= Math.floor(left * 0.25);
      near(density(masks), left / 1000);
      const after = values(masks);
      assert.ok(
        after.every((m, i) => m === 0 || before[i] === 1),
        'what is pruned stays pruned',
      );
      const size = values(w).map(Math.abs);
      const [kept, gone] = [size.filter((_, i) => after[i] === 1), size.filter((_, i) => after[i] === 0)];
      assert.ok(Math.min(...kept) > Math.max(...gone));
    }
  });

  it('never prunes NaN, nor counts it', () => {
    near(magnitudePrune(f64([NaN, 3, 1, 2, 4]), f64([1, 1, 1, 1, 1]), 0.5), [1, 1, 0, 0, 1], 0);
    near(magnitudePrune(f64([NaN, 3]), f64([1, 1]), 1), [1, 0], 0);
  });

  it('has nothing left to prune of masks that are all 0', () => {
    near(magnitudePrune(f64([1, 2]), f64([0, 0]), 0.5), [0, 0], 0);
    near(magnitudePrune(f64([1, 2]), f64([0, 0]), 1), [0, 0], 0);
  });

  it('keeps the dtype of its masks, whole numbers too, and gives no derivative to the weights', () => {
    const types: DType[] = ['int32', 'float32', 'float64'];
    for (const dtype of types) {
      const masks = magnitudePrune(f64([3, 1, 2, 4]), tensor([1, 1, 1, 1], { dtype }), 0.5);
      assert.equal(masks.dtype, dtype);
      near(masks, [1, 0, 0, 1], 0);
    }
    const through = grad((w: Tensor) => sum(magnitudePrune(w, f64([1, 1]), 0.5)))(f64([1, 2]));
    near(through, [0, 0], 0);
  });

  it('refuses fractions outside 0 .. 1, trees without masks, and masks without parameters', () => {
    for (const bad of [-0.1, 1.1, NaN, undefined as never])
      refuses(() => magnitudePrune(f64(1), f64(1), bad), kindFor(bad), 'magnitudePrune:', '0 to 1', String(bad));
    refuses(() => magnitudePrune(params, {}, 0.5), TypeError, 'magnitudePrune:', 'at least one mask');
    refuses(() => magnitudePrune({ a: f64(1) }, { b: f64(1) } as never, 0.5), TypeError, 'magnitudePrune:', 'masks');
    refuses(() => magnitudePrune({ a: [f64(1)] }, { a: f64(1) } as never, 0.5), TypeError, 'magnitudePrune:', '.a');
  });
});

describe('rewind', () => {
  const params = { w: f64([1, 2, 3]), b: f64([4]), name: 'layer' };
  const initial = { w: f64([-1, -2, -3]), b: f64([-4]), name: 'layer' };

  it('sets back what is not masked by 0, and all of what has no mask', () => {
    fc.assert(
      fc.property(list(3, fc.constantFrom(0, 1, -0.5)), (m) => {
        const { w, b, name } = rewind(params, initial, { w: f64(m) });
        near(
          w,
          m.map((v, i) => (v === 0 ? i + 1 : -i - 1)),
          0,
        );
        near(b, [-4], 0);
        assert.equal(name, 'layer');
      }),
    );
    near(rewind(params, initial, {}).w, initial.w, 0);
    near(rewind(params.w, initial.w, undefined), initial.w, 0);
  });

  it('spreads a smaller mask, and takes masks of whole numbers', () => {
    near(
      rewind(
        f64([
          [1, 2],
          [3, 4],
        ]),
        zeros([2, 2], { dtype: 'float64' }),
        f64([[0], [1]]),
      ),
      [1, 2, 0, 0],
      0,
    );
    near(rewind(params.w, initial.w, tensor([0, 1, 0], { dtype: 'int32' })), [1, -2, 3], 0);
  });

  it('passes gradients to the initial parameters where it sets back, else to the present ones', () => {
    const both = { p: params.w, i: initial.w };
    const d = grad(({ p, i }: typeof both) => sum(rewind(p, i, f64([0, 1, 0]))))(both);
    near([d.p, d.i], [1, 0, 1, 0, 1, 0], 0);
    assert.equal(value(sum(rewind(params.w, initial.w, f64([1, 1, 1])))), -6);
  });

  it('refuses initial parameters that are absent or of another shape, and masks of another structure', () => {
    refuses(() => rewind(params, { w: initial.w } as never, {}), RangeError, 'rewind:', '[1]', 'none');
    refuses(() => rewind(params, { ...initial, w: f64(1) }, {}), RangeError, 'rewind:', '[3]', '[]');
    refuses(() => rewind(params, initial, { w: [f64(1)] } as never), TypeError, 'rewind:', '.w.0', 'a tensor');
  });
});
