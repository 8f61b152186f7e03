import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as bigrad from 'bigrad';
import {
  batchNorm,
  conv2d,
  fromTypedArray,
  layerNorm,
  matmul,
  maxPool2d,
  onesLike,
  reference,
  softmax,
  sum,
  vjp,
  where,
  type Backend,
  type Tensor,
} from 'bigrad';
import { elementwiseOps } from '../../../../kernels/simd/generated/wasm.js';
import { createCpu } from '../../../../src/backends/cpu/device.js';
import { broadcastable, number, special, views } from '../../../support/arbitraries.js';
import { agree } from '../../../support/agree.js';
import { same } from './guarded.js';
import { builds, eager } from '../../../support/builds.js';

/** Devices whose scratch memory holds only parts of operands. */
const small = builds.map((simd) => createCpu({ simd, leastWork: 0, scratchBytes: 1_000_000 }));

describe('eager SIMD kernels', () => {
  const pair = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }));
  const pads = fc.tuple(fc.nat(2), fc.nat(2));
  const geometries = fc
    .record({
      n: fc.nat(3),
      channels: pair,
      groups: fc.integer({ min: 1, max: 3 }),
      extra: fc.tuple(fc.nat(9), fc.nat(9)),
      filter: pair,
      stride: pair,
      dilation: pair,
      padding: fc.tuple(pads, pads),
    })
    .map((a) => {
      const span = (i: 0 | 1) => a.dilation[i] * (a.filter[i] - 1) + 1;
      const image = ([0, 1] as const).map((i) => Math.max(1, span(i) + a.extra[i] - a.padding[i][0] - a.padding[i][1]));
      const count = (i: 0 | 1) =>
        Math.floor((image[i]! + a.padding[i][0] + a.padding[i][1] - span(i)) / a.stride[i]) + 1;
      return {
        options: { stride: a.stride, padding: a.padding, dilation: a.dilation, groups: a.groups },
        x: [a.n, a.channels[0] * a.groups, ...image],
        w: [a.channels[1] * a.groups, a.channels[0], ...a.filter],
        y: [a.n, a.channels[1] * a.groups, count(0), count(1)],
      };
    });
  const family = (options: object) => (x?: Tensor, w?: Tensor, g?: Tensor) => {
    const [y, pull] = vjp((p: Tensor[]) => conv2d(p[0]!, p[1]!, options), [x!, w!]);
    return [y, ...pull(g!)];
  };

  for (const device of eager) {
    const devices: [Backend, Backend] = [device, reference];

    it(`convolve on ${device.name}: any stride, dilation, groups, one-sided padding and views`, () => {
      const cases = geometries.chain((a) =>
        fc.tuple(fc.constant(a), ...[a.x, a.w, a.y].map((s) => views(s, number(), 'float32'))),
      );
      fc.assert(
        fc.property(cases, ([a, ...xs]) => {
          agree(xs, family(a.options), 'float32', devices);
        }),
        { numRuns: 200 },
      );
    });

    it(`convolve on ${device.name} with NaN and infinities in x`, () => {
      const cases = geometries.chain((a) =>
        fc.tuple(
          fc.constant(a),
          views(a.x, special(), 'float32'),
          ...[a.w, a.y].map((s) => views(s, number(), 'float32')),
        ),
      );
      fc.assert(
        fc.property(cases, ([a, ...xs]) => {
          agree(xs, family(a.options), 'float32', devices);
        }),
      );
    });

    it(`pass NaN and infinities through the adjoint of a convolution on ${device.name}, padding or none`, () => {
      const cases = geometries.chain((a) =>
        fc.tuple(fc.constant(a), ...[a.x, a.w, a.y].map((s) => views(s, special(), 'float32'))),
      );
      fc.assert(
        fc.property(cases, ([a, x, w, g]) => {
          const adjoint = (p?: Tensor, q?: Tensor, r?: Tensor) =>
            vjp((t: Tensor) => conv2d(t, q!, a.options), p!)[1](r!);
          agree([x!, w!, g!], adjoint, 'float32', devices);
        }),
      );
    });

    it(`multiply on ${device.name}: views and batches that broadcast, NaN and infinities`, () => {
      const size = fc.integer({ min: 0, max: 11 });
      const cases = fc
        .tuple(size, size, size, broadcastable(2, 3))
        .chain(([m, k, n, [a, b]]) =>
          fc.tuple(views([...a, m, k], special(), 'float32'), views([...b, k, n], special(), 'float32')),
        );
      fc.assert(
        fc.property(cases, (xs) => {
          agree(xs, (x, y) => matmul(x, y), 'float32', devices);
        }),
      );
    });
  }

  const names = elementwiseOps[2]!.filter((name) => name !== 'gate'); // which needs eps above 0
  const unary = elementwiseOps[1]!;
  const table = bigrad as unknown as Record<string, (...xs: Tensor[]) => Tensor>;

  for (const device of eager) {
    const devices: [Backend, Backend] = [device, reference];

    it(`compute elementwise ops on ${device.name}: views that broadcast, NaN and infinities`, () => {
      const cases = broadcastable(4, 6).chain(([a, b]) =>
        fc.tuple(views(a, special(), 'float32'), views(b, special(), 'float32')),
      );
      fc.assert(
        fc.property(cases, fc.constantFrom(...names), fc.constantFrom(...unary), (xs, two, one) => {
          agree(xs, (x, y) => [table[two]!(x, y), table[one]!(x), where(y, x, y)], 'float32', devices);
        }),
        { numRuns: 300 },
      );
    });

    it(`reduce, normalize and pool on ${device.name}: any view, NaN and infinities`, () => {
      const cases = fc
        .tuple(
          fc.integer({ min: 1, max: 3 }),
          fc.integer({ min: 1, max: 3 }),
          fc.integer({ min: 2, max: 6 }),
          fc.integer({ min: 2, max: 6 }),
        )
        .chain((shape) => fc.tuple(views(shape, special(), 'float32'), fc.subarray([0, 1, 2, 3])));
      fc.assert(
        fc.property(cases, ([x, axes]) => {
          const f = (t?: Tensor) => {
            const ones = onesLike(sum(t!, [0, 2, 3]));
            const [pooled, pull] = vjp((u: Tensor) => maxPool2d(u, 2, { padding: 1 }), t!);
            return [
              sum(t!, axes),
              batchNorm(t!, ones, ones, { eps: 0.1 }),
              layerNorm(t!, onesLike(sum(t!, [0, 1, 2])), onesLike(sum(t!, [0, 1, 2]))),
              softmax(t!),
              softmax(t!, 1),
              pooled,
              pull(pooled),
            ];
          };
          agree([x], f, 'float32', devices);
        }),
        { numRuns: 200 },
      );
    });
  }

  const draw = (shape: number[], device: Backend, seed: number): Tensor => {
    const size = shape.reduce((a, b) => a * b, 1);
    return fromTypedArray(
      Float32Array.from({ length: size }, (_, i) => (((i * 7 + seed) % 17) - 8) / 8),
      shape,
      { device },
    );
  };
  const typed = createCpu({ simd: 'none' });

  for (const device of small) {
    it(`take a product in parts on ${device.name} where scratch memory is small`, () => {
      const run = (d: Backend) => matmul(draw([700, 40], d, 1), draw([40, 301], d, 2)).readSync();
      same(Array.from(run(device)), Array.from(run(typed))); // not deepEqual, whose message on so many numbers takes minutes
    });
    it(`take images in parts on ${device.name} where scratch memory is small, and leave one that is too large`, () => {
      for (const [n, side] of [
        [7, 24],
        [1, 200],
      ] as const) {
        const run = (d: Backend) =>
          family({ padding: 1 })(
            draw([n, 8, side, side], d, 1),
            draw([8, 8, 3, 3], d, 2),
            draw([n, 8, side, side], d, 3),
          );
        const [got, expected] = [run(device), run(typed)];
        got.forEach((x, k) => {
          same(Array.from(x.readSync()), Array.from(expected[k]!.readSync()));
        });
      }
    });
  }

  it('leave results that no later call changes', () => {
    for (const device of eager) {
      const x = draw([16, 16], device, 3);
      const first = matmul(x, x);
      const before = first.readSync();
      matmul(draw([64, 64], device, 5), draw([64, 64], device, 7));
      assert.deepEqual(first.readSync(), before);
    }
  });
});
