import assert from 'node:assert/strict';
import {
  compile,
  cpu,
  fromTypedArray,
  randomKey,
  standardDeviation,
  sum,
  tensor,
  vmap,
  grad,
  type Tensor,
} from 'bigrad';
import { embedding, fromStateDict, layerNorm, learnedPositions, linear, rmsNorm, sequential, sinusoidalPositions, summary, toStateDict } from 'bigrad/nn'; // prettier-ignore
import { double, value, wave } from '../support/numbers.js';
import { near, values } from '../support/close.js';

// Values and derivatives are compared with PyTorch's in test/oracle/nn.test.ts.

const key = randomKey(3);
const model = sequential([embedding(5, 4), sinusoidalPositions, learnedPositions(8, 4), layerNorm(4), linear(4, 2)]);
const words = tensor([[1, 0, 4]], { dtype: 'int32' });

describe('embedding', () => {
  it('starts with standard deviation 1, and positions with 0.02', () => {
    const spread = (x: Tensor): number => value(standardDeviation(x));
    near(spread(embedding(100, 50).init(key, double).weight), 1, 0.03);
    near(spread(learnedPositions(100, 50).init(key, double).weight), 0.02, 6e-4);
  });

  it('stands at the beginning of a network: compiled, batched, with a summary and names of PyTorch', () => {
    const params = model.init(key, double);
    const y = model.apply(params, words);
    assert.deepEqual(y.shape, [1, 3, 2]);
    near(compile(model.apply)(params, words), y);
    near(vmap((x: Tensor) => model.apply(params, x))(words), y);
    const { parameters, output } = summary(model, [1, 3], { input: 'int32' });
    assert.deepEqual([parameters, output], [20 + 32 + 8 + 10, [1, 3, 2]]);
    const record = toStateDict({ params });
    assert.deepEqual(Object.keys(record), ['0.weight', '2.weight', '3.weight', '3.bias', '4.weight', '4.bias']);
    assert.deepEqual(fromStateDict(model, record).params, params);
  });

  it('gets a gradient only where it was looked up', () => {
    const params = model.init(key, double);
    const slope = grad((p: typeof params) => sum(model.apply(p, words)))(params)[0].weight;
    const rows = values(slope);
    for (const [i, used] of [true, true, false, false, true].entries())
      assert.equal(rows.slice(4 * i, 4 * i + 4).some((v) => v !== 0), used); // prettier-ignore
  });
});

describe('layers that normalise', () => {
  it('start as what they do without parameters', () => {
    const x = wave([2, 4]);
    const [norm, plain] = [layerNorm(4), layerNorm(4, { affine: false })];
    near(norm.apply(norm.init(key, double), x), plain.apply({}, x));
    assert.deepEqual(plain.init(key), {});
    const rms = rmsNorm(4, { eps: 0 });
    const scaled = rms.apply(rms.init(key, double), fromTypedArray(Float64Array.of(3, 3, 3, -3), [4], { device: cpu }));
    near(scaled, [1, 1, 1, -1]);
  });
});
