import assert from 'node:assert/strict';
import fc from 'fast-check';
import { avgPool2d, conv2d, convTranspose2d, cpu, dot, grad, reference, sum, tensor, vjp, type Tensor } from 'bigrad';
import { number, special, views, type Source } from '../../../testing/arbitraries.js';
import { close, values } from '../../../testing/close.js';
import { agree } from '../../agree.js';

type Two = readonly [number, number];
interface Geometry {
  readonly n: number;
  readonly channels: Two;
  readonly groups: number;
  readonly image: Two;
  readonly filter: Two;
  readonly stride: Two;
  readonly dilation: Two;
  readonly padding: readonly [Two, Two];
}

const pair = (min: number, max: number): fc.Arbitrary<Two> =>
  fc.tuple(fc.integer({ min, max }), fc.integer({ min, max }));
const geometries = (padding = pair(0, 2)): fc.Arbitrary<Geometry> =>
  fc
    .record({
      n: fc.integer({ min: 0, max: 2 }),
      channels: pair(1, 3),
      groups: fc.integer({ min: 1, max: 3 }),
      image: pair(1, 7),
      filter: pair(1, 3),
      stride: pair(1, 3),
      dilation: pair(1, 2),
      padding: fc.tuple(padding, padding),
    })
    .filter(({ image, filter, dilation, padding }) =>
      image.every((d, i) => d + padding[i]![0] + padding[i]![1] > dilation[i]! * (filter[i]! - 1)),
    );

const count = (axis: 0 | 1, { image, filter, stride, dilation, padding }: Geometry): number =>
  Math.floor(
    (image[axis] + padding[axis][0] + padding[axis][1] - dilation[axis] * (filter[axis] - 1) - 1) / stride[axis],
  ) + 1;
const shapesOf = (a: Geometry) => ({
  x: [a.n, a.channels[0] * a.groups, ...a.image],
  w: [a.channels[1] * a.groups, a.channels[0], ...a.filter],
  y: [a.n, a.channels[1] * a.groups, count(0, a), count(1, a)],
});

/** x, w and a cotangent of y for one geometry. */
const cases = (
  padding?: fc.Arbitrary<Two>,
  of: readonly [fc.Arbitrary<number>, fc.Arbitrary<number>, fc.Arbitrary<number>] = [number(), number(), number()],
  dtype: 'float32' | 'float64' = 'float64',
): fc.Arbitrary<[Geometry, Source, Source, Source]> =>
  geometries(padding).chain((a) => {
    const s = shapesOf(a);
    return fc.tuple(fc.constant(a), views(s.x, of[0], dtype), views(s.w, of[1], dtype), views(s.y, of[2], dtype));
  });

const optionsOf = ({ stride, padding, dilation, groups }: Geometry) => ({ stride, padding, dilation, groups });

/** y = conv2d(x, w), and the cotangents of x and w: the three kernels of the family. */
const family = (a: Geometry) => (x?: Tensor, w?: Tensor, g?: Tensor) => {
  const [y, pull] = vjp((p: Tensor[]) => conv2d(p[0]!, p[1]!, optionsOf(a)), [x!, w!]);
  return [y, ...pull(g!)];
};

describe('convolutions on the cpu device agree with the reference device', () => {
  for (const dtype of ['float32', 'float64'] as const)
    it(`for any stride, dilation, groups, one-sided padding and views, in ${dtype}`, () => {
      fc.assert(
        fc.property(cases(undefined, undefined, dtype), ([a, x, w, g]) => {
          agree([x, w, g], family(a), dtype);
        }),
        { numRuns: 200 },
      );
    });

  it('in their second derivatives', () => {
    fc.assert(
      fc.property(cases(), ([a, x, w, g]) => {
        const second = (...xs: Tensor[]): unknown => grad((p: Tensor[]) => dot(family(a)(...p), family(a)(...xs)))(xs);
        agree([x, w, g], second);
      }),
      { numRuns: 40 },
    );
  });

  it('with NaN and infinities in x, whatever the padding', () => {
    fc.assert(
      fc.property(cases(undefined, [special(), number(), number()]), ([a, x, w, g]) => {
        agree([x, w, g], family(a));
      }),
    );
  });

  it('with NaN and infinities everywhere, without padding', () => {
    const bare = fc.constant<Two>([0, 0]);
    fc.assert(
      fc.property(cases(bare, [special(), special(), special()]), ([a, x, w, g]) => {
        agree([x, w, g], family(a));
      }),
    );
  });

  it('for avgPool2d', () => {
    const shape = [2, 2, 5, 6];
    fc.assert(
      fc.property(views(shape), pair(2, 3), pair(1, 3), pair(0, 1), (x, size, stride, padding) => {
        agree([x], (t) => avgPool2d(t, size, { stride, padding }));
      }),
      { numRuns: 40 },
    );
  });
});

describe('conv2d and convTranspose2d', () => {
  it('are adjoint: <g, conv2d(x, w)> = <convTranspose2d(g, w), x>', () => {
    fc.assert(
      fc.property(cases(), ([a, xs, ws, gs]) => {
        const [x, w, g] = [xs.make(cpu), ws.make(cpu), gs.make(cpu)];
        const s = shapesOf(a);
        const outputPadding = ([0, 1] as const).map((i) => {
          const span =
            (s.y[i + 2]! - 1) * a.stride[i] - a.padding[i][0] - a.padding[i][1] + a.dilation[i] * (a.filter[i] - 1) + 1;
          return a.image[i] - span;
        }) as unknown as Two;
        close(dot(g, conv2d(x, w, optionsOf(a))), dot(convTranspose2d(g, w, { ...optionsOf(a), outputPadding }), x));
      }),
    );
  });

  it('give the numbers of the definition on a 3 x 3 image', () => {
    for (const device of [cpu, reference]) {
      const x = tensor(
        [
          [
            [
              [1, 2, 3],
              [4, 5, 6],
              [7, 8, 9],
            ],
          ],
        ],
        { device },
      );
      const w = tensor(
        [
          [
            [
              [1, 0],
              [0, -1],
            ],
          ],
        ],
        { device },
      );
      assert.deepEqual(values(conv2d(x, w)), [-4, -4, -4, -4]);
      assert.deepEqual(
        values(
          conv2d(x, w, {
            padding: [
              [1, 0],
              [0, 1],
            ],
          }),
        ),
        [-2, -3, 0, -4, -4, 3, -4, -4, 6],
      );
      assert.deepEqual(values(conv2d(x, w, { stride: 2, padding: 1 })), [-1, -3, -7, -4]);
      assert.deepEqual(values(conv2d(x, w, { dilation: 2 })), [-8]);
      assert.deepEqual(values(convTranspose2d(tensor([[[[1, 2]]]], { device }), w)), [1, 2, 0, 0, -1, -2]);
      assert.deepEqual(
        values(convTranspose2d(tensor([[[[1, 2]]]], { device }), w, { stride: 2 })),
        [1, 0, 2, 0, 0, -1, 0, -2],
      );
    }
  });

  it('keep groups apart: a group of its own for each channel scales each plane', () => {
    const x = tensor([[[[1, 2]], [[3, 4]], [[5, 6]]]]);
    const w = tensor([[[[2]]], [[[3]]], [[[-1]]]]);
    assert.deepEqual(values(conv2d(x, w, { groups: 3 })), [2, 4, 9, 12, -5, -6]);
  });

  it('sum a filter of ones over what it covers: counts of taps at borders', () => {
    const x = tensor([
      [
        [
          [1, 1, 1],
          [1, 1, 1],
          [1, 1, 1],
        ],
      ],
    ]);
    const w = tensor([
      [
        [
          [1, 1, 1],
          [1, 1, 1],
          [1, 1, 1],
        ],
      ],
    ]);
    assert.deepEqual(values(conv2d(x, w, { padding: 1 })), [4, 6, 4, 6, 9, 6, 4, 6, 4]);
    const [dw] = [grad((f: Tensor) => sum(conv2d(x, f, { padding: 1 })))(w)];
    assert.deepEqual(values(dw), [4, 6, 4, 6, 9, 6, 4, 6, 4]);
  });
});
