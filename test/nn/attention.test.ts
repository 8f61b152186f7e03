import assert from 'node:assert/strict';
import { grad, mul, sum, tensor, zeros, type Tensor } from 'bigrad';
import { attentionWeights, scaledDotProductAttention } from 'bigrad/nn';
import { checkGrads } from 'bigrad/testing';
import { near, values } from '../support/close.js';
import { f64 } from '../support/numbers.js';

const [q, k] = [zeros([2, 4]), zeros([2, 4])];

describe('hidden keys of attention', () => {
  it('have no share, however low a bias makes the keys that are seen', () => {
    for (const low of [-Infinity, -3.4028234e38, -1e31]) {
      const bias = tensor([[low, 0]]);
      const shares = values(attentionWeights(q, k, { causal: true, bias }));
      // Query 0 sees key 0 alone, which -1e31 does not hide.
      assert.deepEqual(shares, [low === -1e31 ? 1 : 0, 0, 0, 1], String(low));
      const masked = values(attentionWeights(q, k, { mask: tensor([[1, 0]]), bias }));
      assert.deepEqual(masked, low === -1e31 ? [1, 0, 1, 0] : [0, 0, 0, 0], String(low));
    }
    assert.deepEqual(values(attentionWeights(q, k, { bias: tensor([[-Infinity, -Infinity]]) })), [0, 0, 0, 0]);
  });

  it('leave values and derivatives of the others as they are without them', () => {
    const [q1, k1, v1] = [f64([[0.3, -1]]), f64([[1, 2], [0.5, 0.1]]), f64([[1, 2], [3, -1]])]; // prettier-ignore
    const [k3, v3] = [f64([[1, 2], [9, 9], [0.5, 0.1]]), f64([[1, 2], [7, 7], [3, -1]])]; // prettier-ignore
    const bias = f64([[0.2, -Infinity, 0]]);
    const f = (x: Tensor) => sum(mul(scaledDotProductAttention(x, k1, v1, { bias: f64([[0.2, 0]]) }), f64([[1, 3]])));
    const g = (x: Tensor) => sum(mul(scaledDotProductAttention(x, k3, v3, { bias }), f64([[1, 3]])));
    near(g(q1), f(q1));
    near(grad(g)(q1), grad(f)(q1));
    checkGrads(g, [q1]);
    assert.ok(values(attentionWeights(f64([[NaN, 0]]), k3, { bias })).some(Number.isNaN));
  });
});
