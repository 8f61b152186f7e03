import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  add,
  arange,
  cpu,
  expandDims,
  grad,
  matmul,
  mul,
  onesLike,
  reference,
  reshape,
  slice,
  square,
  squeeze,
  sum,
  tensor,
  to,
  transpose,
  type Tensor,
} from 'bigrad';
import type { View } from '../../src/core/tensor.js';
import { isContiguous } from '../../src/core/view.js';
import { sources } from '../support/arbitraries.js';
import { close, values } from '../support/close.js';

const count = (shape: number[]): Tensor => reshape(arange(shape.reduce((n, d) => n * d, 1)), shape);

describe('matmul', () => {
  it('has the gradient of a matrix that an op with traits, but no transposition, has made', () => {
    const [x, y] = [count([2, 3]), count([3, 2])];
    const twice = grad((p: Tensor) => sum(matmul(add(p, p), y)))(x);
    assert.deepEqual(values(twice), values(mul(2, matmul(onesLike(matmul(x, y)), transpose(y)))));
  });

  it('is associative, and its transpose is the product of transposes in reverse', () => {
    const shapes = fc.tuple(fc.nat(4), fc.nat(4), fc.nat(4), fc.nat(4));
    const cases = shapes.chain(([a, b, c, d]) => fc.tuple(sources([a, b]), sources([b, c]), sources([c, d])));
    fc.assert(
      fc.property(cases, (all) => {
        const [x, y, z] = all.map((s) => s.make(cpu)) as [Tensor, Tensor, Tensor];
        close(matmul(matmul(x, y), z), matmul(x, matmul(y, z)));
        close(transpose(matmul(x, y)), matmul(transpose(y), transpose(x)));
      }),
    );
  });

  it('has gradients that lie as the matrices do, transposed for it or not', () => {
    const [a, b] = [count([3, 5]), count([5, 4])];
    const inRow = (g: Tensor): boolean => isContiguous(g.storage as View);
    const plain = grad(({ x, y }: { x: Tensor; y: Tensor }) => sum(square(matmul(x, y))))({ x: a, y: b });
    const [c, d] = [transpose(a), transpose(b)].map((x) => to(to(x, reference), cpu)) as [Tensor, Tensor];
    const turned = grad(({ x, y }: { x: Tensor; y: Tensor }) => sum(square(matmul(transpose(x), transpose(y)))))({
      x: c,
      y: d,
    });
    assert.deepEqual([plain.x, plain.y, turned.x, turned.y].map(inRow), [true, true, true, true]);
    assert.deepEqual([values(transpose(turned.x)), values(transpose(turned.y))], [values(plain.x), values(plain.y)]);
  });
});

for (const device of [reference, cpu])
  describe(`a product on ${device.name}`, () => {
    const product = (x: Tensor, y: Tensor): Tensor => matmul(to(x, device), to(y, device));

    it('of a vector and a batch of matrices is that of a row, without the axis of the row', () => {
      const [x, y] = [count([3]), count([2, 3, 4])];
      const got = product(x, y);
      assert.deepEqual(got.shape, [2, 4]);
      assert.deepEqual(values(got), values(squeeze(product(expandDims(x, 0), y), 1)));
    });

    it('of a batch of matrices and a vector is that of a column, without the axis of the column', () => {
      const [x, y] = [count([2, 3, 4]), count([4])];
      const got = product(x, y);
      assert.deepEqual(got.shape, [2, 3]);
      assert.deepEqual(values(got), values(squeeze(product(x, expandDims(y, 1)), 2)));
    });

    it('of batches is that of their matrices', () => {
      const [x, y] = [count([2, 3, 4]), count([2, 4, 2])];
      const each = [0, 1].flatMap((b) => {
        const [p, q] = [slice(x, [b, 0, 0], [1, 3, 4]), slice(y, [b, 0, 0], [1, 4, 2])];
        return values(product(squeeze(p, 0), squeeze(q, 0)));
      });
      assert.deepEqual(values(product(x, y)), each);
    });

    it('is none of scalars, nor of integers', () => {
      const [one, x] = [tensor(1, { device }), tensor([1, 2], { device })];
      for (const [a, b] of [
        [one, one],
        [one, x],
        [x, one],
      ] as const)
        assert.throws(() => matmul(a, b), /^RangeError: matmul: expected x \[..., m, k\] and y \[..., k, n\]/);
      assert.throws(() => matmul(x, 3 as never), /^TypeError: matmul: expected a tensor, got the number 3/);
      const ints = tensor([1, 2], { dtype: 'int32', device });
      assert.throws(() => matmul(ints, ints), /^TypeError: matmul: expected float32 or float64, got int32/);
    });
  });
