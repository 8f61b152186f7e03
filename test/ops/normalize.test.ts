import assert from 'node:assert/strict';
import { batchNorm, batchNormWithStats, layerNorm, zeros } from 'bigrad';

const x = zeros([5, 2, 3, 4]);
const [own, other] = [zeros([2, 3, 4]), zeros([2, 4, 3])];

describe('normalisation takes scale and shift of the shape of the axes that stay', () => {
  it('and of no other, not even one with as many elements', () => {
    const axes = 0;
    batchNorm(x, own, own, { axes });
    for (const wrong of [other, zeros([24]), zeros([6, 4]), zeros([1, 2, 3, 4]), zeros([2, 3])]) {
      assert.throws(() => batchNorm(x, wrong, own, { axes }), /^RangeError: batchNorm: expected scale of shape/);
      assert.throws(() => batchNorm(x, own, wrong, { axes }), /^RangeError: batchNorm: expected shift of shape/);
      assert.throws(
        () => batchNorm(x, own, own, { axes, mean: wrong, variance: own }),
        /^RangeError: batchNorm: expected mean/,
      );
      assert.throws(
        () => batchNormWithStats(x, own, wrong, { axes }),
        /^RangeError: batchNormWithStats: expected shift/,
      );
    }
  });

  it('and layer normalisation those of the axes that go', () => {
    const axes = [1, 2, 3];
    layerNorm(x, own, own, { axes });
    for (const wrong of [other, zeros([24])]) {
      assert.throws(() => layerNorm(x, wrong, own, { axes }), /^RangeError: layerNorm: expected scale of shape/);
      assert.throws(() => layerNorm(x, own, wrong, { axes }), /^RangeError: layerNorm: expected shift of shape/);
    }
    for (const none of [3, undefined, zeros([4], { dtype: 'float64' })])
      assert.throws(() => layerNorm(x, none as never, zeros([4])), /^TypeError: layerNorm: expected/);
  });

  it('and both statistics or none', () => {
    const two = zeros([2]);
    const image = zeros([1, 2, 4, 4]);
    for (const options of [{ mean: two }, { variance: two }])
      assert.throws(
        () => batchNorm(image, two, two, options),
        /^TypeError: batchNorm: expected both mean and variance/,
      );
  });
});
