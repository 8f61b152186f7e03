import assert from 'node:assert/strict';
import fc from 'fast-check';
import { add, cpu, createCpu, fromTypedArray, mul, prod, reference, square, sub, compile, type Tensor } from 'bigrad';
import { values } from '../support/close.js';

const devices = [reference, cpu, createCpu({ simd: 'none' }), createCpu({ leastWork: 0 })];
const words = fc.int32Array({ minLength: 3, maxLength: 3 });
/** The 32 low bits of an exact integer, as int32 holds them. */
const wrapped = (x: bigint): number => Number(BigInt.asIntN(32, x));

describe('integers of 32 bits', () => {
  const ops: [string, (x: Tensor, y: Tensor) => Tensor, (x: bigint, y: bigint) => bigint][] = [
    ['add', add, (x, y) => x + y],
    ['sub', sub, (x, y) => x - y],
    ['mul', mul, (x, y) => x * y],
    ['square', (x) => square(x), (x) => x * x],
  ];
  for (const [name, op, exact] of ops)
    it(`wrap in ${name}, exactly, on every CPU device, eager and compiled, and beside a number`, () => {
      fc.assert(
        fc.property(words, words, (a, b) => {
          const expected = Array.from(a, (x, i) => wrapped(exact(BigInt(x), BigInt(b[i]!))));
          for (const device of devices) {
            const [x, y] = [fromTypedArray(a, [3], { device }), fromTypedArray(b, [3], { device })];
            assert.deepEqual(values(op(x, y)), expected);
            assert.deepEqual(values(compile(op)(x, y)), expected);
            if (name === 'mul')
              assert.deepEqual(
                values(mul(x, b[0]!)),
                Array.from(a, (v) => Math.imul(v, b[0]!)),
              );
          }
        }),
      );
    });

  it('wrap in prod as in a product of two at a time', () => {
    fc.assert(
      fc.property(words, (a) => {
        const expected = wrapped(a.reduce((p, x) => p * BigInt(x), 1n));
        for (const device of devices) assert.deepEqual(values(prod(fromTypedArray(a, [3], { device }))), [expected]);
      }),
    );
  });
});
