import assert from 'node:assert/strict';
import fc from 'fast-check';
import * as bigrad from 'bigrad';
import {
  batchNorm,
  batchNormWithStats,
  cpu,
  fromTypedArray,
  gate,
  layerNorm,
  leaves,
  matmul,
  maxPool2d,
  mean,
  ones,
  reference,
  sum,
  tensor,
  vjp,
  where,
  type Gradient,
  type Tensor,
} from 'bigrad';
import { broadcastable, number, shapes, sources, special, views, type Source } from '../../../testing/arbitraries.js';
import { agree } from '../../agree.js';

type Op1 = (x: Tensor) => Tensor;
type Op2 = (x: Tensor, y: Tensor) => Tensor;
const dtypes = fc.constantFrom('float32' as const, 'float64' as const);
const positive = number(0.25, 2);

const unary = [
  'abs neg sign square reciprocal sqrt rsqrt exp expm1 log log1p sin cos tanh sigmoid softplus relu',
  'erf leakyRelu elu gelu',
].flatMap((line) => line.split(' ')) as (keyof typeof bigrad)[];
const binary = 'add sub mul div pow maximum minimum less greater lessEqual greaterEqual equal notEqual'.split(
  ' ',
) as (keyof typeof bigrad)[];
const reductions = 'sum mean prod max min variance standardDeviation logSumExp any all'.split(
  ' ',
) as (keyof typeof bigrad)[];

/** Values and the pullback of them, so that the kernels of the rules run too. */
const withPullback =
  (f: (...xs: Tensor[]) => unknown, n: number) =>
  (...all: Tensor[]): unknown => {
    const [y, pull] = vjp((xs: Tensor[]) => f(...xs) as Tensor | Tensor[], all.slice(0, n));
    return [y, pull((all.length > n ? all[n] : y) as Gradient<Tensor | Tensor[]>)];
  };

describe('the cpu device agrees with the reference device', () => {
  for (const name of unary)
    it(`on ${name} of any view, NaN and infinities included`, () => {
      const cases = shapes().chain((shape) =>
        dtypes.chain((dtype) => fc.tuple(views(shape, special(), dtype), fc.constant(dtype))),
      );
      fc.assert(
        fc.property(cases, ([x, dtype]) => {
          agree([x], bigrad[name] as Op1, dtype);
        }),
        { numRuns: 50 },
      );
    });

  for (const name of binary)
    it(`on ${name} of any two views that broadcast, NaN and infinities included`, () => {
      const cases = broadcastable().chain(([a, b]) =>
        dtypes.chain((dtype) => fc.tuple(views(a, special(), dtype), views(b, special(), dtype), fc.constant(dtype))),
      );
      fc.assert(
        fc.property(cases, ([x, y, dtype]) => {
          agree([x, y], bigrad[name] as Op2, dtype);
        }),
        { numRuns: 50 },
      );
    });

  for (const name of reductions)
    it(`on ${name} over any axes of any view, NaN and infinities included`, () => {
      const cases = shapes(4, 5, 1).chain((shape) =>
        fc.tuple(views(shape, special()), fc.subarray(shape.map((_, i) => i)), fc.boolean()),
      );
      const f = bigrad[name] as (x: Tensor, axes: number[], options: { keepDims: boolean }) => Tensor;
      fc.assert(
        fc.property(cases, ([x, axes, keepDims]) => {
          agree([x], (t) => f(t, axes, { keepDims }));
        }),
        { numRuns: 50 },
      );
    });

  it('on sums over axes of no length, which are 0', () => {
    for (const device of [cpu, reference]) {
      assert.deepEqual(Array.from(sum(ones([2, 0, 3], { device }), 1).readSync()), [0, 0, 0, 0, 0, 0]);
      assert.deepEqual(Array.from(sum(ones([0], { device })).readSync()), [0]);
      assert.equal(sum(ones([2, 0], { device }), 0).size, 0);
    }
  });

  it('on where with a condition that broadcasts', () => {
    const cases = broadcastable().chain(([a, b]) =>
      fc.tuple(views(a, fc.constantFrom(0, 1, NaN)), views(b, special()), views(a, special())),
    );
    fc.assert(
      fc.property(cases, (xs) => {
        agree(xs, (c, x, y) => where(c, x, y));
      }),
    );
  });

  it('on gate and its first two derivatives', () => {
    const cases = shapes().chain((shape) => fc.tuple(views(shape), views(shape.slice(1), positive), views(shape)));
    fc.assert(
      fc.property(cases, ([m, eps, g]) => {
        agree(
          [m, eps, g],
          withPullback((a, b) => gate(a, b), 2),
        );
      }),
    );
    const slopes = withPullback((a, b) => leaves(withPullback((c, d) => gate(c, d), 2)(a, b, a)), 2);
    fc.assert(
      fc.property(cases, ([m, eps]) => {
        agree([m, eps], slopes);
      }),
    );
  });

  it('on matmul and its pullback: tails of every length, views, batches that broadcast, depth 0', () => {
    const size = fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constantFrom(15, 16, 17));
    const cases = fc
      .tuple(size, size, size, broadcastable(2, 3), dtypes)
      .chain(([m, k, n, [a, b], dtype]) =>
        fc.tuple(views([...a, m, k], number(), dtype), views([...b, k, n], number(), dtype), fc.constant(dtype)),
      );
    fc.assert(
      fc.property(cases, ([x, y, dtype]) => {
        agree(
          [x, y],
          withPullback((a, b) => matmul(a, b), 2),
          dtype,
        );
      }),
    );
  });

  it('on matmul with NaN and infinities', () => {
    const cases = fc
      .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 }))
      .chain(([m, k]) => fc.tuple(views([m, k], special()), views([k, m], special())));
    fc.assert(
      fc.property(cases, (xs) => {
        agree(xs, (x, y) => matmul(x, y));
      }),
    );
  });

  it('on matmul deeper than one block', () => {
    fc.assert(
      fc.property(fc.constantFrom(511, 512, 513, 1030), fc.nat(1000), (k, seed) => {
        const data = (n: number) => Float64Array.from({ length: n }, (_, i) => Math.sin(i * 1.7 + seed));
        const source = (shape: number[]): Source => ({
          shape,
          make: (device) => fromTypedArray(data(shape[0]! * shape[1]!), shape, { device }),
        });
        agree([source([3, k]), source([k, 5])], (x, y) => matmul(x, y));
      }),
      { numRuns: 12 },
    );
  });

  it('on maxPool2d and its pullback, with ties, NaN and infinities', () => {
    const cases = fc
      .record({
        size: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
        stride: fc.integer({ min: 1, max: 3 }),
        extra: fc.tuple(fc.nat(3), fc.nat(3)),
        pads: fc.array(fc.nat(2), { minLength: 4, maxLength: 4 }),
      })
      .chain(({ size, stride, extra, pads }) => {
        const shape = [2, 2, size[0] + extra[0], size[1] + extra[1]];
        const [t, b, l, r] = pads.map((p, i) => Math.min(p, size[i >> 1]! - 1)) as [number, number, number, number];
        return fc.tuple(
          views(shape, special()),
          fc.constant({
            size,
            stride,
            padding: [
              [t, b],
              [l, r],
            ] as const,
          }),
        );
      });
    fc.assert(
      fc.property(cases, ([x, { size, stride, padding }]) => {
        try {
          maxPool2d(x.make(reference), size, { stride, padding });
        } catch {
          fc.pre(false); // a window on nothing but padding
        }
        agree(
          [x],
          withPullback((t) => maxPool2d(t, size, { stride, padding }), 1),
        );
      }),
    );
  });

  it('on batchNorm, its statistics and their pullbacks, over any view', () => {
    const cases = shapes(2, 3, 1).chain((rest) =>
      fc.tuple(views([3, 2, ...rest]), sources([2], positive), sources([2]), views([3, 2, ...rest])),
    );
    fc.assert(
      fc.property(cases, ([x, scale, shift, g]) => {
        agree(
          [x, scale, shift, g],
          withPullback((a, b, c) => batchNorm(a, b, c, { eps: 0.1 }), 3),
        );
        agree(
          [x, scale, shift],
          withPullback((a, b, c) => leaves(batchNormWithStats(a, b, c, { eps: 0.1 })), 3),
        );
      }),
    );
  });

  it('on batchNorm and layerNorm with NaN and infinities', () => {
    const cases = fc.tuple(views([3, 4, 2], special()), sources([4]), sources([4]));
    fc.assert(
      fc.property(cases, (xs) => {
        agree(xs, (x, s, b) => [batchNorm(x, s, b), layerNorm(x, s, b, { axes: 1 })]);
      }),
    );
  });
});

describe('a float32 sum of a million values', () => {
  for (const device of [cpu, reference])
    it(`keeps six digits on ${device.name}`, () => {
      const n = 1_000_000;
      const x = fromTypedArray(
        Float32Array.from({ length: n }, (_, i) => 0.1 + (i % 7) * 0.01),
        [1000, 1000],
        { device },
      );
      const exact = Array.from(x.readSync()).reduce((a, b) => a + b, 0);
      assert.ok(Math.abs(sum(x).readSync()[0]! / exact - 1) < 1e-7);
      assert.ok(Math.abs((mean(x).readSync()[0]! * n) / exact - 1) < 1e-6);
      assert.ok(Math.abs(sum(sum(x, 0)).readSync()[0]! / exact - 1) < 1e-6);
      const ones32 = tensor([1, 1], { device });
      assert.equal(sum(ones32).dtype, 'float32');
    });
});
