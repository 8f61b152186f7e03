import assert from 'node:assert/strict';
import {
  compile,
  grad,
  mean,
  mul,
  matmul,
  ones,
  randomBernoulli,
  randomKey,
  square,
  sub,
  sum,
  tensor,
  zeros,
  type Tensor,
} from 'bigrad';
import { attentionWeights, scaledDotProductAttention } from 'bigrad/nn';
import { checkGrads } from 'bigrad/testing';
import { near, values } from '../support/close.js';
import { f64, wave } from '../support/numbers.js';

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

describe('dropout of attention', () => {
  const key = randomKey(7);
  const [q2, k2, v2] = [wave([2, 3, 4]), wave([2, 5, 4], 3), wave([2, 5, 2], 5)];

  it('leaves out shares, and divides the others, before they mix values', () => {
    const kept = mul(randomBernoulli(key, [2, 3, 5], { p: 0.75, dtype: 'float64' }), 1 / 0.75);
    const f = (k: Tensor) => scaledDotProductAttention(q2, k2, v2, { causal: true, dropout: 0.25, key: k });
    const shares = mul(attentionWeights(q2, k2, { causal: true }), kept);
    near(f(key), matmul(shares, v2));
    near(compile(f)(key), f(key));
    checkGrads((x: Tensor) => scaledDotProductAttention(x, k2, v2, { dropout: 0.25, key }), [q2]);
  });

  it('changes the mean of what is mixed by nothing, and its variance by rate / (1 - rate) / keys', () => {
    // Equal shares of 8 keys, and values of 1: each of 4,000 results is a mean of 8 draws.
    const [queries, keys, values1] = [zeros([4000, 1, 2]), zeros([8, 2]), ones([8, 1])];
    for (const rate of [0.1, 0.5]) {
      const mixed = scaledDotProductAttention(queries, keys, values1, { dropout: rate, key });
      const variance = rate / (1 - rate) / 8;
      assert.ok(Math.abs(mean(mixed).item() - 1) < 5 * Math.sqrt(variance / 4000));
      assert.ok(Math.abs(mean(square(sub(mixed, 1))).item() / variance - 1) < 0.15);
    }
  });

  it('does nothing outside of training, and at a rate of 0, and needs no key then', () => {
    const plain = scaledDotProductAttention(q2, k2, v2);
    near(scaledDotProductAttention(q2, k2, v2, { dropout: 0.5, training: false }), plain, 0);
    near(scaledDotProductAttention(q2, k2, v2, { dropout: 0 }), plain, 0);
    assert.throws(
      () => scaledDotProductAttention(q2, k2, v2, { key: 5 as never }),
      /expected a tensor, got the number 5/,
    );
  });
});
