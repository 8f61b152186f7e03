import assert from 'node:assert/strict';
import fc from 'fast-check';
import { randomKey } from 'bigrad';
import { constantInit, linear } from 'bigrad/nn';
import { double, tensors, wave } from '../support/numbers.js';
import { near, values } from '../support/close.js';

const key = randomKey(1);

describe('linear', () => {
  const sizes = fc.record({
    n: fc.integer({ min: 1, max: 4 }),
    i: fc.integer({ min: 1, max: 4 }),
    o: fc.integer({ min: 1, max: 4 }),
  });

  it("is x W' + b, row by row", () => {
    const cases = sizes.chain(({ n, i, o }) => fc.tuple(tensors([n, i]), tensors([o, i]), tensors([o])));
    fc.assert(
      fc.property(cases, fc.boolean(), ([x, weight, bias], biased) => {
        const [n, i] = x.shape as [number, number];
        const [o] = weight.shape as [number];
        const [X, W, b] = [values(x), values(weight), values(bias)];
        const expected = Array.from({ length: n }, (_, row) =>
          Array.from({ length: o }, (_, k) =>
            Array.from({ length: i }).reduce<number>(
              (s, _, j) => s + X[row * i + j]! * W[k * i + j]!,
              biased ? b[k]! : 0,
            ),
          ),
        );
        const y = linear(i, o, { bias: biased }).apply(biased ? { weight, bias } : { weight }, x);
        near(y, expected);
        assert.deepEqual(y.shape, [n, o]);
      }),
    );
  });

  it('takes any number of leading axes, none included', () => {
    const layer = linear(3, 2);
    const params = layer.init(key, double);
    const x = wave([2, 4, 3]);
    assert.deepEqual(layer.apply(params, x).shape, [2, 4, 2]);
    assert.deepEqual(layer.apply(params, wave([3])).shape, [2]);
    near(values(layer.apply(params, x)).slice(0, 2), layer.apply(params, wave([3])));
  });

  it('has parameters of the shapes, dtype and initialiser asked for', () => {
    const params = linear(3, 2, { weight: constantInit(0.5) }).init(key, double);
    assert.deepEqual([params.weight.shape, params.bias!.shape, params.bias!.dtype], [[2, 3], [2], 'float64']);
    near(params.weight, new Array(6).fill(0.5));
    assert.deepEqual(Object.keys(linear(3, 2, { bias: false }).init(key)), ['weight']);
    assert.equal(linear(3, 2).init(key).weight.dtype, 'float32');
  });

  it('starts within +-1 / sqrt(in), as PyTorch, from its key alone', () => {
    const { weight, bias } = linear(16, 400).init(key, double);
    for (const x of [...values(weight), ...values(bias!)]) assert.ok(Math.abs(x) <= 0.25);
    assert.ok(Math.max(...values(weight)) > 0.249 && Math.max(...values(bias!)) > 0.24);
    near(linear(16, 400).init(key, double), { weight, bias }, 0);
    assert.notDeepEqual(values(linear(16, 400).init(randomKey(2), double).weight), values(weight));
  });
});
