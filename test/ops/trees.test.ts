import assert from 'node:assert/strict';
import { dot, grad, reference, stopGradient, sum, tensor, type Tensor } from 'bigrad';
import { close, values } from '../support/close.js';

describe('the inner product of trees', () => {
  const [a, b] = [tensor([1, 2]), tensor([3, 4])];

  it('is the sum over all leaves', () => {
    close(dot({ a, b, c: a }, { a: b, b, c: b }), 11 + 25 + 11);
  });

  it('refuses leaves on two devices by name', () => {
    assert.throws(
      () => dot(a, tensor([1, 2], { device: reference })),
      /^TypeError: dot: expected tensors on one device/,
    );
  });
});

describe('stopGradient', () => {
  it('gives the same values, with derivative 0', () => {
    const x = tensor([1, 2]);
    const f = (t: Tensor): Tensor => sum(stopGradient({ t }).t);
    close(f(x), 3);
    assert.deepEqual(values(grad(f)(x)), [0, 0]);
    assert.throws(
      () => stopGradient(new Array(1)),
      /^TypeError: stopGradient: expected arrays in a tree without holes/,
    );
  });
});
