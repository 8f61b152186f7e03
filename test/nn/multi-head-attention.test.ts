import assert from 'node:assert/strict';
import { compile, concat, matmul, mul, randomBernoulli, randomKey, reshape, slice, tensor, transpose, vmap, type Tensor } from 'bigrad'; // prettier-ignore
import {
  dropout,
  fromStateDict,
  masked,
  multiHeadAttention,
  rotary,
  scaledDotProductAttention,
  sequential,
  smoothL0,
  summary,
  toStateDict,
} from 'bigrad/nn';
import { checkGrads } from 'bigrad/testing';
import { double, f64, wave } from '../support/numbers.js';
import { near, values } from '../support/close.js';

// Values and derivatives are compared with PyTorch's in test/oracle/nn.test.ts.

const key = randomKey(4);
const layer = multiHeadAttention(4, 2, { causal: true });
const params = layer.init(key, double);
const x = wave([2, 5, 4]);
const rows = (t: Tensor, n: number): Tensor => slice(t, [0, 0, 0], [2, n, 4]);

describe('multiHeadAttention', () => {
  it('gives the first rows as if there were no others, where it is causal', () => {
    const y = layer.apply(params, x);
    for (const n of [1, 3]) near(layer.apply(params, rows(x, n)), rows(y, n));
  });

  it('gives the same compiled, batched, and without a batch', () => {
    const y = layer.apply(params, x);
    near(compile((t: Tensor) => layer.apply(params, t))(x), y);
    near(vmap((t: Tensor) => layer.apply(params, t))(x), y);
  });

  it('takes one bias without the other, and checks the one that it has', () => {
    const { outBias, inBias, ...weights } = params;
    const own = { ...weights, outBias: f64([1, 2, 3, 4]) };
    near(layer.apply(own, x), layer.apply({ ...own, inBias: mul(inBias!, 0) }, x));
    near(layer.apply({ ...weights, inBias }, x), layer.apply({ ...weights, inBias, outBias: mul(outBias!, 0) }, x));
    assert.throws(
      () => layer.apply({ ...weights, outBias: x }, x),
      /^RangeError: multiHeadAttention: expected outBias \[4\], got \[2,5,4\]$/,
    );
  });

  it('hides what a mask hides, and gives its bias to a row that sees nothing', () => {
    const open = multiHeadAttention(4, 2);
    const mask = tensor([[1, 1, 0, 0, 0]]); // all look at the first two
    near(open.apply(params, x, { mask }), open.apply(params, x, { context: rows(x, 2) }));
    const none = tensor([[0, 0, 0, 0, 0]]);
    near(open.weights(params, x, { mask: none }), new Array<number>(2 * 2 * 5 * 5).fill(0), 0);
    near(open.apply(params, x, { mask: none }), values(x).map(() => 0), 0); // prettier-ignore
    checkGrads((t: Tensor) => open.apply(params, t, { mask: none }), [x], { fast: true });
  });

  it('leaves out shares while training, by the key of the call', () => {
    const dropping = multiHeadAttention(4, 2, { dropout: 0.5, bias: false });
    const own = { inWeight: params.inWeight, outWeight: f64([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]) }; // prettier-ignore
    const [k1, k2] = [randomKey(1), randomKey(2)];
    const shares = dropping.weights(own, x);
    const kept = mul(randomBernoulli(k1, shares.shape, { p: 0.5, dtype: 'float64' }), 2);
    const v = matmul(x, transpose(slice(params.inWeight, [8, 0], [4, 4])));
    const heads = [0, 2].map((from, head) => {
      const part = slice(mul(shares, kept), [0, head, 0, 0], [2, 1, 5, 5]);
      return matmul(reshape(part, [2, 5, 5]), slice(v, [0, 0, from], [2, 5, 2]));
    });
    near(dropping.apply(own, x, { key: k1 }), concat(heads, 2));
    assert.notDeepEqual(values(dropping.apply(own, x, { key: k2 })), values(dropping.apply(own, x, { key: k1 })));
    near(dropping.apply(own, x, { training: false }), multiHeadAttention(4, 2).apply(own, x), 0);
    assert.throws(() => dropping.apply(own, x), { name: 'TypeError', message: /^multiHeadAttention: expected a key/ });
  });

  it('has no weights under masks, which would be those without', () => {
    const under = masked(layer, smoothL0(0.1));
    assert.ok(!('weights' in under));
  });

  it('turns queries and keys by their positions', () => {
    const one = multiHeadAttention(4, 1, { rotary: 'halves', bias: false });
    const identity = f64([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]); // prettier-ignore
    const three = f64([0, 1, 2].flatMap(() => [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])); // prettier-ignore
    const turned = rotary(x, { pairs: 'halves' });
    near(one.apply({ inWeight: three, outWeight: identity }, x), scaledDotProductAttention(turned, turned, x));
  });

  it('has the parameters and the names of PyTorch', () => {
    const record = toStateDict({ params });
    assert.deepEqual(
      Object.entries(record).map(([name, t]) => [name, t.shape]),
      [
        ['in_proj_weight', [12, 4]],
        ['out_proj.weight', [4, 4]],
        ['in_proj_bias', [12]],
        ['out_proj.bias', [4]],
      ],
    );
    assert.deepEqual(fromStateDict(layer, record).params, params);
    assert.deepEqual(Object.keys(multiHeadAttention(4, 2, { bias: false }).init(key)), ['inWeight', 'outWeight']);
    const limit = Math.sqrt(6 / 16);
    for (const v of values(params.inWeight)) assert.ok(Math.abs(v) <= limit);
    near(params.inBias, new Array<number>(12).fill(0), 0);
  });

  it('is told by a sequential whether it trains, and by a summary that it does not', () => {
    const dropping = multiHeadAttention(4, 2, { causal: true, dropout: 0.5 });
    const net = sequential([dropping, dropout(0)]);
    const given = [params, undefined] as never;
    const [still] = net.apply(given, x, [undefined, undefined], { training: false });
    near(still, values(layer.apply(params, x)), 0);
    const [trained] = net.apply(given, x, [undefined, undefined], { key });
    assert.notDeepEqual(values(trained), values(still));
    assert.throws(() => net.apply(given, x, [undefined, undefined]), /expected a key while training/);
    assert.equal(summary(dropping, [2, 5, 4]).parameters, summary(layer, [2, 5, 4]).parameters);
  });

  it('can be masked, and stands in a summary', () => {
    const gated = masked(layer, smoothL0(0.5));
    const dead = { outWeight: f64([[0, 0, 0, 0]]) };
    near(gated.apply(params, dead, x), values(x).map(() => 0), 0); // prettier-ignore
    assert.equal(summary(layer, [2, 5, 4]).parameters, 48 + 12 + 16 + 4);
  });
});
