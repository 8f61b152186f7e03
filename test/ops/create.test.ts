import assert from 'node:assert/strict';
import fc from 'fast-check';
import { arange, eye, fromTypedArray, linspace, tensor, zeros } from 'bigrad';
import { values } from '../support/close.js';

describe('creation', () => {
  it('of sequences: arange, linspace, eye', () => {
    assert.deepEqual(values(arange(3)), [0, 1, 2]);
    assert.deepEqual(values(arange(2, 8, { step: 2.5 })), [2, 4.5, 7]);
    assert.deepEqual(values(arange(3, 0, { step: -1, dtype: 'int32' })), [3, 2, 1]);
    assert.equal(arange(3, 1).size, 0);
    assert.deepEqual(values(linspace(-1, 1, 5)), [-1, -0.5, 0, 0.5, 1]);
    assert.deepEqual(values(linspace(2, 9, 1)), [2]);
    assert.deepEqual(values(eye(2)), [1, 0, 0, 1]);
    assert.equal(eye(0).size, 0);
  });

  it('linspace holds both ends exactly, for any count', () => {
    const bound = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(bound, bound, fc.integer({ min: 2, max: 200 }), (a, b, n) => {
        const x = values(linspace(a, b, n, { dtype: 'float64' }));
        assert.deepEqual([x.length, x[0]! + 0, x.at(-1)! + 0], [n, a + 0, b + 0]);
        x.forEach((v, i) => {
          assert.ok(Math.abs(v - (a + ((b - a) * i) / (n - 1))) < 1e-9);
        });
      }),
    );
  });

  it('is float32 unless said otherwise, and a typed array says it', () => {
    for (const x of [tensor(1), zeros([1]), arange(2), linspace(0, 1, 2), eye(1)]) assert.equal(x.dtype, 'float32');
    assert.equal(fromTypedArray(Float64Array.of(1), [1]).dtype, 'float64');
    assert.equal(fromTypedArray(Int32Array.of(1), [1]).dtype, 'int32');
    assert.deepEqual(values(tensor(0.1)), [Math.fround(0.1)]);
  });
});

describe('sequences of integers', () => {
  const int = { dtype: 'int32' } as const;

  it('need to hold what they have, and no more', () => {
    assert.deepEqual([...arange(0, 1, { step: 1.5, ...int }).readSync()], [0]);
    assert.deepEqual([...linspace(2, 9, 1, int).readSync()], [2]);
    assert.deepEqual([...linspace(1, 4, 4, int).readSync()], [1, 2, 3, 4]);
    assert.deepEqual(tensor([]).shape, [0]);
    assert.deepEqual(tensor([[], []]).shape, [2, 0]);
  });
});
