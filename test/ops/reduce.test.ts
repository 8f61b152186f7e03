import assert from 'node:assert/strict';
import { argmax, argmin, max, min, ones, prod, sum, tensor, zeros } from 'bigrad';
import { values } from '../testing/close.js';

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
