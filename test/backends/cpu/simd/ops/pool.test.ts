import fc from 'fast-check';
import { fromTypedArray, maxPool2d, reference, vjp, type Tensor } from 'bigrad';
import { number, special } from '../../../../support/arbitraries.js';
import { guarded, instances, same } from '../guarded.js';
import { list } from '../../../../support/numbers.js';

const pair = (min: number, max: number) => fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }));

const cases = fc
  // Windows two wide and two apart in rows of eight or more have a path of their own.
  .record({
    planes: fc.nat(3),
    image: fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 21 })),
    size: fc.oneof(pair(1, 3), pair(2, 2)),
    stride: fc.oneof(pair(1, 3), pair(2, 2)),
    pads: fc.tuple(pair(0, 2), pair(0, 2)),
  })
  .map(({ pads, ...a }) => ({
    ...a,
    padding: pads.map((p, i) => p.map((v) => Math.min(v, a.size[i]! - 1))) as [[number, number], [number, number]],
  }))
  .map((a) => ({
    ...a,
    out: ([0, 1] as const).map(
      (i) => Math.floor((a.image[i] + a.padding[i][0] + a.padding[i][1] - a.size[i]) / a.stride[i]) + 1,
    ),
  }))
  .filter((a) => a.out.every((d, i) => d > 0 && (d - 1) * a.stride[i]! - a.padding[i]![0] < a.image[i]!))
  .chain((a) =>
    fc.tuple(
      fc.constant(a),
      list(a.planes * a.image[0] * a.image[1], special()),
      list(a.planes * a.out[0]! * a.out[1]!, number()),
    ),
  );

for (const simd of instances)
  describe(`the ${simd.build} pooling kernels`, () => {
    it('find maxima, NaN and ties included, put cotangents back there and pick them again', () => {
      fc.assert(
        fc.property(cases, ([{ planes, image, size, stride, padding, out }, data, cotangent]) => {
          const [h, w] = image;
          const [p, q] = out as [number, number];
          const { kernels } = simd;
          const memory = guarded(simd);
          const n = planes * p * q;
          const sevens = new Array<number>(n).fill(7);
          const [x, g, y, index] = [
            memory.put(data),
            memory.put(cotangent),
            memory.put(sevens),
            memory.putInts(sevens),
          ];
          const [dx, again] = [memory.put(data.map(() => 7)), memory.put(sevens)];
          kernels.maxPool(
            x,
            y,
            index,
            planes,
            h,
            w,
            p,
            q,
            size[0],
            size[1],
            stride[0],
            stride[1],
            padding[0][0],
            padding[1][0],
          );
          kernels.poolScatter(g, index, dx, planes, h * w, p * q);
          kernels.poolGather(x, index, again, planes, h * w, p * q);
          memory.check();
          const on = (values: readonly number[], shape: number[]): Tensor =>
            fromTypedArray(Float32Array.from(values), shape, { device: reference });
          const [expected, pull] = vjp(
            (t: Tensor) => maxPool2d(t, size, { stride, padding }),
            on(data, [1, planes, h, w]),
          );
          same(memory.get(y, n), Array.from(expected.readSync()));
          same(memory.get(again, n), memory.get(y, n));
          same(memory.get(dx, data.length), Array.from(pull(on(cotangent, [1, planes, p, q])).readSync()));
        }),
        { numRuns: 300 },
      );
    });
  });
