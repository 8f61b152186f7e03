import assert from 'node:assert/strict';
import {
  argmax,
  argmin,
  compile,
  equal,
  full,
  grad,
  logSumExp,
  max,
  mean,
  min,
  ones,
  prod,
  standardDeviation,
  sum,
  tensor,
  variance,
  zeros,
  type Tensor,
} from 'bigrad';
import { values } from '../support/close.js';

const value = (x: Tensor): number => x.readSync()[0]!;
const near = (x: Tensor, expected: number): void => {
  assert.ok(Math.abs(value(x) / expected - 1) < 1e-6, `${value(x)} instead of ${expected}`);
};

describe('float32 reductions stay accurate', () => {
  it('prod, where products on the way would overflow, and over a million factors', () => {
    const x = tensor([1e30, 1e-30, 1e30, 1e-30]);
    near(prod(x), 1);
    const g = grad((v: Tensor) => prod(v))(x).readSync();
    [1e-30, 1e30, 1e-30, 1e30].forEach((d, i) => {
      assert.ok(Math.abs(g[i]! / d - 1) < 1e-6);
    });
    near(prod(full([1_000_000], 1 + 2 ** -20)), (1 + 2 ** -20) ** 1_000_000);
  });

  it('variance and standardDeviation at a large offset', () => {
    assert.equal(value(variance(tensor([1e7, 1e7 + 1]))), 0.25);
    near(variance(tensor([16777216, 16777218, 16777216, 16777218, 16777216])), 0.96);
    assert.equal(value(standardDeviation(tensor([1e7, 1e7 + 1]))), 0.5);
  });

  it('logSumExp, small terms beside a large one, and over nothing', () => {
    near(logSumExp(tensor([0, -20])), Math.log1p(Math.exp(-20)));
    near(logSumExp(tensor([3, 3, 3])), 3 + Math.log(3));
    assert.equal(value(logSumExp(tensor([Infinity, 0]))), Infinity);
    assert.equal(value(logSumExp(tensor([-Infinity, -Infinity]))), -Infinity);
    assert.deepEqual([...logSumExp(zeros([0, 3]), 0).readSync()], [-Infinity, -Infinity, -Infinity]);
  });
});

describe('the mean of int32', () => {
  it('is float32, so that accuracy is the mean of a comparison', () => {
    const labels = tensor([2, 0, 1, 1], { dtype: 'int32' });
    const scores = tensor([
      [0, 1, 2],
      [3, 1, 2],
      [0, 1, 2],
      [0, 2, 1],
    ]);
    const accuracy = mean(equal(argmax(scores, 1), labels));
    assert.equal(accuracy.dtype, 'float32');
    assert.equal(accuracy.item(), 0.75);
    assert.deepEqual(
      values(
        mean(
          tensor(
            [
              [1, 2],
              [4, 8],
            ],
            { dtype: 'int32' },
          ),
          0,
        ),
      ),
      [2.5, 5],
    );
    const large = tensor([2147483647, 2147483647], { dtype: 'int32' });
    near(mean(large), 2147483647);
    assert.ok(Number.isNaN(mean(zeros([0], { dtype: 'int32' })).item()));
    assert.deepEqual(values(compile((t: Tensor) => mean(equal(t, labels)))(labels)), [1]);
  });
});

describe('min, argmin and argmax', () => {
  it('of the least integer', () => {
    const x = tensor([5, -2147483648, 2147483647], { dtype: 'int32' });
    assert.deepEqual([value(min(x)), value(argmin(x)), value(argmax(x))], [-2147483648, 1, 2]);
  });

  it('keep the axis on request, as other reductions do', () => {
    const x = tensor([
      [1, 2],
      [4, 3],
    ]);
    assert.deepEqual(argmax(x, 1, { keepDims: true }).shape, [2, 1]);
    assert.deepEqual(argmin(x, undefined, { keepDims: true }).shape, [1, 1]);
    assert.deepEqual([...argmax(x, -1).readSync()], [1, 0]);
  });
});

describe('a reduction', () => {
  it('over no axes is its argument, -0 included', () => {
    for (const reduce of [sum, max, min, prod]) {
      const x = tensor([-0, 1, NaN]);
      assert.deepEqual(values(reduce(x, [])), [-0, 1, NaN], reduce.name);
    }
  });

  it('of a scalar is the scalar', () => {
    for (const reduce of [sum, max, min, prod]) assert.deepEqual(values(reduce(tensor(-1.5))), [-1.5]);
  });

  it('gives the least element itself, not one near it', () => {
    const x = tensor([0.3, 1e-9, 1e9], { dtype: 'float64' });
    assert.deepEqual(values(min(x)), [1e-9]);
    assert.deepEqual(values(min(tensor([-(2 ** 31), 2 ** 31 - 1], { dtype: 'int32' }))), [-(2 ** 31)]);
  });
});

describe('a product', () => {
  it('of no elements is 1, over axes of any length', () => {
    assert.deepEqual(values(prod(zeros([0]))), [1]);
    assert.deepEqual(values(prod(zeros([2, 0]), 1)), [1, 1]);
    assert.deepEqual(prod(zeros([2, 0]), 0).shape, [0]);
  });

  it('takes every element once, however many there are', () => {
    for (let n = 1; n < 12; n++) {
      const list = Array.from({ length: n }, (_, i) => i + 2);
      const expected = list.reduce((a, b) => a * b, 1);
      assert.deepEqual(values(prod(tensor(list, { dtype: 'float64' }))), [expected]);
      assert.deepEqual(values(prod(tensor([list], { dtype: 'float64' }), 1)), [expected]);
    }
  });
});

describe('the place of an extreme', () => {
  it('loses its axis, unless told to keep it', () => {
    const x = ones([2, 3]);
    for (const find of [argmax, argmin]) {
      assert.deepEqual(find(x, 1).shape, [2]);
      assert.deepEqual(find(x, 1, { keepDims: true }).shape, [2, 1]);
      assert.deepEqual(find(x).shape, []);
      assert.deepEqual(find(x, undefined, { keepDims: true }).shape, [1, 1]);
    }
  });
});
