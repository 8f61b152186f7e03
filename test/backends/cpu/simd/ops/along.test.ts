import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  fromTypedArray,
  grad,
  mul,
  reference,
  scatterAdd,
  scatterSet,
  sum,
  takeAlong,
  type Backend,
  type Shape,
  type Tensor,
} from 'bigrad';
import { special, views } from '../../../../support/arbitraries.js';
import { agree } from '../../../../support/agree.js';
import { eager } from '../../../../support/builds.js';
import { guarded, instances } from '../guarded.js';

const int32 = (data: readonly number[], shape: Shape, device: Backend): Tensor =>
  fromTypedArray(Int32Array.from(data), shape, { device });

for (const device of eager)
  describe(`indices along an axis on ${device.name}`, () => {
    const size = fc.integer({ min: 1, max: 6 });
    const cases = fc
      .tuple(size, size, size, fc.integer({ min: 0, max: 9 }), fc.nat(2))
      .chain(([a, b, c, count, axis]) => {
        const shape = [a, b, c];
        const at = shape.map((d, i) => (i === axis ? count : d));
        const n = at.reduce((x, y) => x * y, 1);
        const index = fc.integer({ min: -shape[axis]!, max: shape[axis]! - 1 });
        const indices = fc.array(index, { minLength: n, maxLength: n });
        return fc.tuple(fc.constant({ axis: axis - 3, at }), indices, ...[shape, at].map((s) => views(s, special(), 'float32'))); // prettier-ignore
      });

    it('take, add and set what the reference does, of any view', () => {
      fc.assert(
        fc.property(cases, ([{ axis, at }, indices, ...xs]) => {
          const f = (x?: Tensor, y?: Tensor) => {
            const i = int32(indices, at, x!.device);
            const taken = (t: Tensor) => sum(mul(takeAlong(t, i, axis), y!));
            const set = ([t, u]: Tensor[]) => sum(mul(scatterSet(t!, i, u!, axis), x!));
            return [
              takeAlong(x!, i, axis),
              grad(taken)(x!),
              scatterAdd(x!, i, y!, axis),
              scatterSet(x!, i, y!, axis),
              grad(set)([x!, y!]),
            ];
          };
          agree(xs, f, 'float32', [device, reference]);
        }),
        { numRuns: 40 },
      );
    });

    it('refuse an index outside by its value, at either end, wherever it is', () => {
      const x = fromTypedArray(new Float32Array(6), [2, 3], { device });
      const values = fromTypedArray(new Float32Array(12), [2, 6], { device });
      for (const index of [-4, 3])
        for (const place of [1, 5, 6, 11]) {
          const i = int32(
            Array.from({ length: 12 }, (_, at) => (at === place ? index : (at % 6) - 3)),
            [2, 6],
            device,
          );
          for (const f of [() => takeAlong(x, i), () => scatterAdd(x, i, values), () => scatterSet(x, i, values)])
            assert.throws(f, {
              name: 'RangeError',
              message: new RegExp(`: expected indices from -3 to 2, got ${index}$`),
            });
        }
    });
  });

for (const simd of instances)
  describe(`the ${simd.build} kernels of indices`, () => {
    it('write nothing outside of their results', () => {
      const memory = guarded(simd);
      const data = memory.put([1, 2, 3, 4, 5, 6]);
      const indices = memory.putInts([2, -1, 0, -3]);
      const [taken, added] = [memory.put([7, 7, 7, 7]), memory.put([7, 7, 7, 7, 7, 7])];
      const [set, written] = [memory.put([7, 7, 7, 7, 7, 7]), memory.put([7, 7, 7, 7])];
      const [twice, writers] = [memory.putInts([2, -1, 0, -3]), memory.putInts([7, 7, 7])];
      assert.equal(simd.kernels.takeAlong(data, indices, taken, 2, 2, 1, 3, -3), -1);
      assert.equal(simd.kernels.takeAlongAdjoint(taken, indices, added, 2, 2, 1, 3, -3), -1);
      assert.equal(simd.kernels.scatterSet(data, indices, taken, set, 2, 2, 1, 3, -3), -1);
      assert.equal(simd.kernels.takeWritten(data, twice, written, writers, 2, 2, 1, 3, -3), -1);
      memory.check();
      assert.deepEqual(memory.get(taken, 4), [3, 3, 4, 4]);
      assert.deepEqual(memory.get(added, 6), [0, 0, 6, 8, 0, 0]);
      assert.deepEqual(memory.get(set, 6), [1, 2, 3, 4, 5, 6]);
      assert.deepEqual(memory.get(written, 4), [0, 3, 0, 4]);
      assert.equal(simd.kernels.takeAlong(data, indices, taken, 2, 2, 1, 3, -2), 3);
    });
  });
