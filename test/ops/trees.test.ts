import assert from 'node:assert/strict';
import { copyTo, cpu, createCpu, dot, grad, reference, stopGradient, sum, tensor, type Tensor } from 'bigrad';
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

describe('copyTo', () => {
  it('puts every tensor of a tree on a device, with its dtype, and keeps other leaves', async () => {
    const tree = { a: tensor([1, NaN]), b: [tensor([[3]], { dtype: 'int32' }), 'x'] as const, c: null };
    const there = createCpu({ simd: 'none' });
    const copy = await copyTo(tree, there);
    assert.ok(copy.a.device === there && copy.b[0].device === there);
    assert.deepEqual([values(copy.a), values(copy.b[0])], [[1, NaN], [3]]);
    assert.deepEqual([copy.b[0].dtype, copy.b[1], copy.c], ['int32', 'x', null]);
  });

  it('gives memory of its own on the same device', async () => {
    const x = tensor([1, 2]);
    const copy = await copyTo(x, cpu);
    assert.notEqual(copy, x);
    assert.notEqual(copy.readSync(), x.readSync());
  });

  it('refuses what is no device', async () => {
    await assert.rejects(copyTo({}, 'gpu' as never), /^TypeError: copyTo: expected a device/);
  });
});
