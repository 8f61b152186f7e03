import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  add,
  cumsum,
  flip,
  fromTypedArray,
  grad,
  mul,
  ones,
  reference,
  sub,
  sum,
  tensor,
  zeros,
  type Tensor,
} from 'bigrad';
import { createCpu } from '../../src/backends/cpu/device.js';
import { supports } from '../../src/backends/cpu/simd/wasm/build.js';
import { number, shapes, views } from '../support/arbitraries.js';

const devices = [
  ...(['simd128', 'relaxed'] as const).filter(supports).map((simd) => createCpu({ simd, leastWork: 0 })),
  reference,
];
const anyView = shapes()
  .filter((shape) => shape.length > 0)
  .chain((shape) => fc.tuple(views(shape, number(), 'float32'), fc.nat(shape.length - 1), fc.boolean()));

describe('cumsum', () => {
  for (const device of devices) {
    it(`ends in the sum, and from the other end in the same, on ${device.name}`, () => {
      fc.assert(
        fc.property(anyView, ([source, axis]) => {
          const x = source.make(device);
          const total = sum(x, axis, { keepDims: true });
          const twice = sub(add(cumsum(x, axis), cumsum(x, axis, { reverse: true })), x);
          // Short numbers, of which all sums are exact.
          assert.deepEqual(twice.readSync(), add(total, mul(x, 0)).readSync());
        }),
      );
    });

    it(`from the end is that of the reversed, reversed, on ${device.name}`, () => {
      fc.assert(
        fc.property(anyView, ([source, axis]) => {
          const x = source.make(device);
          const turned = flip(cumsum(flip(x, [axis]), axis), [axis]);
          assert.deepEqual(cumsum(x, axis, { reverse: true }).readSync(), turned.readSync());
        }),
      );
    });
  }

  it('is NumPy’s, along either axis', () => {
    const x = tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    assert.deepEqual([...cumsum(x).readSync()], [1, 3, 6, 4, 9, 15]);
    assert.deepEqual([...cumsum(x, 0).readSync()], [1, 2, 3, 5, 7, 9]);
    assert.deepEqual([...cumsum(x, 1, { reverse: true }).readSync()], [6, 5, 3, 15, 11, 6]);
  });

  it('has as its gradient how often each element is counted', () => {
    assert.deepEqual([...grad((x: Tensor) => sum(cumsum(x)))(ones([4])).readSync()], [4, 3, 2, 1]);
  });

  it('adds in double precision on every device of main memory', () => {
    const tenths = new Float32Array(1000).fill(0.1);
    for (const device of devices) {
      const last = cumsum(fromTypedArray(tenths, [1000], { device })).readSync()[999];
      assert.equal(last, Math.fround(1000 * Math.fround(0.1)));
    }
  });

  it('wraps integers as add does', () => {
    const x = tensor([2 ** 31 - 1, 1, 1], { dtype: 'int32' });
    assert.deepEqual([...cumsum(x).readSync()], [2 ** 31 - 1, -(2 ** 31), -(2 ** 31) + 1]);
  });

  it('takes axes without elements', () => {
    assert.deepEqual(cumsum(zeros([2, 0])).shape, [2, 0]);
    assert.deepEqual(cumsum(zeros([0, 2]), 1, { reverse: true }).shape, [0, 2]);
  });
});
