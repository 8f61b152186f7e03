import assert from 'node:assert/strict';
import fc from 'fast-check';
import { conv2d, conv2dInput, conv2dWeight } from '../../../../../src/backends/cpu/simd/ops/conv.js';
import { regionOf, type Alloc, type Simd } from '../../../../../src/backends/cpu/simd/wasm/instance.js';
import type { Pointer } from '../../../../../src/backends/cpu/simd/wasm/kernels.js';
import { planDoubles } from '../../../../../src/backends/cpu/simd/ops/doubles.js';
import { planMatmul } from '../../../../../src/backends/cpu/simd/ops/matmul.js';
import { cut, spread } from '../../../../../src/backends/cpu/simd/threads/tasks.js';
import { perform, type Task } from '../../../../../src/backends/cpu/simd/threads/task.js';
import type { ConvAttrs } from '../../../../../src/ops/conv.js';
import type { Layout } from '../../../../../src/backends/cpu/simd/ops/op.js';
import { stridedView, viewOf } from '../../../../../src/core/view.js';
import type { View } from '../../../../../src/core/tensor.js';
import { instances } from '../guarded.js';
import { sizeOf } from '../../../../../src/core/shape.js';

/**
 * What threads may make of tasks, by one thread: an order of their own, and some tasks, broken off,
 * begun again.
 */
function apart(simd: Simd, threads: number, seed: number): Simd & { readonly most: () => number } {
  const scratch = [...Array(threads).keys()].map(() => 0);
  let state = seed;
  let most = 0;
  const next = (below: number): number => (state = (state * 48271) % 2147483647) % below;
  const run = (tasks: readonly Task[]): void => {
    most = Math.max(most, tasks.length);
    assert.equal(new Set(tasks.map((task) => task.length)).size, 1, 'tasks of equal length');
    const waiting = [...tasks];
    while (waiting.length > 0) {
      const task = waiting.splice(next(waiting.length), 1)[0]!;
      if (next(3) === 0) perform(simd.kernels, task.slice(0, 1 + next(task.length)), scratch[next(threads)]!);
      perform(simd.kernels, task, scratch[next(threads)]!);
    }
  };
  const team = { threads, end: 64, run, ready: () => threads - 1, stop: () => undefined };
  const region = regionOf(simd, 64);
  scratch.forEach((_, i) => (scratch[i] = region.alloc(simd.kernels.gemmScratch())));
  return { ...simd, team: { ...team, end: region.used() }, most: () => most };
}

/** Numbers whose sums are rounded, so that they tell one order from another. */
const numbers = (length: number, seed: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => Math.sin(1 + i * 0.7 + seed));

/** The bits of what `plan` computes from these operands. */
function bits(
  simd: Simd,
  operands: readonly Float32Array[],
  size: number,
  plan: (simd: Simd, alloc: Alloc) => (at: readonly Pointer[], out: Pointer) => void,
): Int32Array {
  const { alloc } = regionOf(simd);
  const out = alloc(4 * size);
  const at = operands.map((data) => {
    const place = alloc(4 * data.length);
    simd.f32().set(data, place / 4);
    return place;
  });
  const run = plan(simd, alloc);
  simd.f32().fill(NaN, out / 4, out / 4 + size);
  run(at, out);
  return simd.i32().slice(out / 4, out / 4 + size);
}

const threads = fc.integer({ min: 2, max: 5 });
const seed = fc.integer({ min: 1, max: 1e6 });
/** Mostly sizes at which products are shared out. */
const side = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 30, max: 130 }));

const convolutions: fc.Arbitrary<ConvAttrs> = fc
  .record({
    n: fc.integer({ min: 1, max: 9 }),
    channels: fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 16 })),
    groups: fc.integer({ min: 1, max: 3 }),
    image: fc.tuple(fc.integer({ min: 5, max: 20 }), fc.integer({ min: 5, max: 20 })),
    filter: fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 })),
    stride: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
    dilation: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
    padding: fc.constantFrom(
      [
        [0, 0],
        [0, 0],
      ] as const,
      [
        [1, 1],
        [2, 0],
      ] as const,
      [
        [2, 1],
        [0, 3],
      ] as const,
    ),
  })
  .map(({ n, channels: [c, o], groups, image, filter, stride, dilation, padding }) => {
    const count = (axis: 0 | 1): number =>
      Math.floor(
        (image[axis] + padding[axis][0] + padding[axis][1] - dilation[axis] * (filter[axis] - 1) - 1) / stride[axis],
      ) + 1;
    const [x, w, y] = [
      [n, c * groups, ...image],
      [o * groups, c, ...filter],
      [n, o * groups, count(0), count(1)],
    ];
    return { stride, padding, dilation, groups, x, w, y };
  })
  .filter(({ y }) => y[2]! > 0 && y[3]! > 0);
/** One that is cut for certain. */
const large: ConvAttrs = {
  stride: [1, 1],
  padding: [
    [1, 1],
    [2, 0],
  ],
  dilation: [1, 1],
  groups: 2,
  x: [7, 8, 12, 14],
  w: [20, 4, 3, 3],
  y: [7, 20, 12, 14],
};

for (const simd of instances)
  describe(`work of the ${simd.build} kernels that is cut for threads`, () => {
    let most = 0;
    const same = (
      [n, from]: readonly [number, number],
      ...[operands, size, plan]: Parameters<typeof bits> extends [Simd, ...infer R] ? R : never
    ): void => {
      const shared = apart(simd, n, from);
      const expected = bits(simd, operands, size, plan);
      assert.deepEqual(bits(shared, operands, size, plan), expected);
      most = Math.max(most, shared.most());
    };
    const how = fc.tuple(threads, seed);
    const reallyCut = (): void => {
      assert.ok(most > 1, 'nothing was cut');
      most = 0;
    };

    it('gives the bits of one thread: products, with strides, biases and batches', () => {
      fc.assert(
        fc.property(
          how,
          side,
          side,
          side,
          fc.boolean(),
          fc.integer({ min: 1, max: 4 }),
          (h, m, k, n, turned, batch) => {
            const [x, y] = turned
              ? ([
                  [1, m],
                  [1, k],
                ] as const)
              : ([
                  [k, 1],
                  [n, 1],
                ] as const);
            const offsets = (step: number) => Int32Array.from({ length: batch }, (_, i) => i * step);
            const operands = [numbers(batch * m * k, 1), numbers(batch * k * n, 2), numbers(m, 3), numbers(n, 4)];
            same(h, operands, batch * m * n, (s, alloc) => {
              const run = planMatmul(s, alloc, { m, k, n, x, y }, { x: offsets(m * k), y: offsets(k * n) });
              const scratch = alloc(s.kernels.gemmScratch());
              return ([a, b, rowBias, colBias], out) => {
                run(a!, b!, out, scratch, { rowBias, colBias });
              };
            });
          },
        ),
        { numRuns: 60, examples: [[[3, 1], 100, 60, 90, false, 2]] },
      );
      reallyCut();
    });

    it('gives the bits of one thread: products of doubles, with strides and batches', () => {
      const doubles = (length: number, from: number): Float32Array =>
        new Float32Array(Float64Array.from({ length }, (_, i) => Math.sin(1 + i * 0.7 + from)).buffer);
      fc.assert(
        fc.property(how, side, side, side, fc.integer({ min: 1, max: 3 }), (at, m, k, n, batch) => {
          const [x, y] = [doubles(batch * m * k, 1), doubles(k * n, 2)];
          const lies = (x: View): Layout => ({ view: x, dtype: 'float64' });
          const none = new Float64Array(0);
          const left = lies(stridedView(viewOf(none, [0]), [batch, m, k], [m * k, 1, m], 0));
          const right = lies(stridedView(viewOf(none, [0]), [batch, k, n], [0, n, 1], 0));
          same(at, [x, y], 2 * batch * m * n, (s, alloc) => {
            const { run, scratch } = planDoubles(s, left, right);
            const place = alloc(scratch);
            return (from, out) => {
              run([...from, out], place);
            };
          });
        }),
        { numRuns: 30 },
      );
      reallyCut();
    });

    it('gives the bits of one thread: products that are wide, deep or added to what is there', () => {
      for (const [m, k, n] of [
        [3, 100, 1500],
        [1500, 100, 3],
        [40, 700, 40],
        [2, 400, 1025],
      ] as const)
        for (const accumulate of [false, true])
          same([3, m], [numbers(m * k, 1), numbers(k * n, 2), numbers(m * n, 3)], m * n, (s, alloc) => {
            const run = planMatmul(s, alloc, { m, k, n, x: [k, 1], y: [n, 1] });
            const scratch = alloc(s.kernels.gemmScratch());
            return ([a, b, before], out) => {
              s.f32().copyWithin(out / 4, before! / 4, before! / 4 + m * n);
              run(a!, b!, out, scratch, { accumulate });
            };
          });
      reallyCut();
    });

    const ops = {
      conv2d: [conv2d, ['x', 'w', 'y']],
      conv2dWeight: [conv2dWeight, ['x', 'y', 'w']],
      conv2dInput: [conv2dInput, ['y', 'w', 'x']],
    } as const;
    for (const [name, [op, [first, second, result]]] of Object.entries(ops))
      it(`gives the bits of one thread: ${name}, with stride, padding, dilation and groups`, () => {
        fc.assert(
          fc.property(how, convolutions, (h, a) => {
            same(h, [numbers(sizeOf(a[first]), 1), numbers(sizeOf(a[second]), 2)], sizeOf(a[result]), (s, alloc) => {
              const { run, scratch } = op.plan(s, alloc, [], [], a)!;
              const memory = alloc(scratch);
              return ([p, q], out) => {
                run([p!, q!, out], memory);
              };
            });
          }),
          { numRuns: 60, examples: [[[3, 1], large]] },
        );
        reallyCut();
      });

    it('gives the bits of one thread: planes', () => {
      const [planes, h, w] = [67, 30, 40];
      same([4, 1], [numbers(planes * h * w, 1)], planes * (h + 2) * (w + 1), (s) => ([x], out) => {
        spread(s, planes, h * w, (from, count) => {
          return [
            'padImages',
            x! + 4 * from * h * w,
            out + 4 * from * (h + 2) * (w + 1),
            count,
            h,
            w,
            1,
            0,
            h + 2,
            w + 1,
          ];
        });
      });
      reallyCut();
    });
  });

describe('cut', () => {
  it('covers a length by parts of whole units, no more than asked for', () => {
    fc.assert(
      fc.property(
        fc.nat(300),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 9 }),
        (length, parts, unit) => {
          const cuts = cut(length, parts, unit);
          assert.ok(cuts.length <= parts);
          assert.deepEqual(
            cuts.flatMap(([from, count]) => Array.from({ length: count }, (_, i) => from + i)),
            Array.from({ length }, (_, i) => i),
          );
          for (const [from] of cuts) assert.equal(from % unit, 0);
        },
      ),
    );
  });
});
