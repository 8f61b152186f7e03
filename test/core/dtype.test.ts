import assert from 'node:assert/strict';
import { allocate, checkDType, checkFits, copyOf, dtypeOf, isFloat } from '../../src/core/dtype.js';

const arrays = { float32: Float32Array, float64: Float64Array, int32: Int32Array } as const;

describe('a dtype', () => {
  it('is the kind of its buffers', () => {
    for (const [dtype, kind] of Object.entries(arrays)) {
      const buffer = allocate(dtype as keyof typeof arrays, 2);
      assert.ok(buffer instanceof kind);
      assert.deepEqual([...buffer], [0, 0]);
      assert.equal(dtypeOf('f', buffer), dtype);
      assert.equal(isFloat(dtypeOf('f', buffer)), dtype !== 'int32');
    }
  });

  it('is that of a copy, which has memory of its own', () => {
    for (const [dtype, kind] of Object.entries(arrays)) {
      const shared = new kind(new SharedArrayBuffer(32) as unknown as ArrayBuffer).fill(7);
      const part = shared.subarray(1, 3);
      const copy = copyOf(dtype as keyof typeof arrays, part);
      part.fill(8);
      assert.ok(copy instanceof kind && copy.buffer instanceof ArrayBuffer);
      assert.deepEqual([...copy], [7, 7]);
    }
  });

  it('is that of no other array, nor of a proxy around one', () => {
    for (const [data, words] of [
      [new Uint8Array(1), 'an Uint8Array; convert it with Float32Array.from(data)'],
      [new DataView(new ArrayBuffer(4)), 'a DataView'],
      [[1], 'an array; convert it with Float32Array.from(data)'],
      [new Proxy(new Float32Array(1), {}), 'a Float32Array'],
      [undefined, 'undefined'],
    ] as const)
      assert.throws(() => dtypeOf('f', data), {
        name: 'TypeError',
        message: `f: expected a Float32Array, Float64Array or Int32Array, got ${words}`,
      });
  });

  it('has a name, which is a string', () => {
    assert.equal(checkDType('f', 'int32'), 'int32');
    for (const name of ['int8', 'toString', ['float32'], undefined])
      assert.throws(() => checkDType('f', name), /^TypeError: f: expected dtype 'float32', 'float64' or 'int32', got/);
  });

  it('says which numbers fit: integers of 32 bits in int32, any in floats', () => {
    for (const v of [0, -1, 2 ** 31 - 1, -(2 ** 31)]) assert.equal(checkFits('f', 'int32', v), v);
    for (const v of [0.5, NaN, 2 ** 31, Infinity]) {
      assert.throws(() => checkFits('f', 'int32', v), /^RangeError: f: expected integers from -2147483648 to/);
      assert.equal(checkFits('f', 'float32', v), v);
    }
  });
});

describe('a buffer without memory for it', () => {
  it('is refused by the name of who asked, with the engine’s error as its cause', () => {
    for (const [who, allocated] of [
      ['f', () => allocate('float64', 2 ** 50, 'f')],
      ['tensor', () => allocate('float64', 2 ** 50)],
    ] as const)
      assert.throws(allocated, (error: Error) => {
        assert.ok(error instanceof RangeError && error.cause instanceof RangeError);
        assert.match(
          error.message,
          new RegExp(`^${who}: expected memory for 1125899906842624 elements of float64, got`),
        );
        return true;
      });
  });
});
