import fc from 'fast-check';
import { number, views, type Source } from './arbitraries.js';

export type Two = readonly [number, number];

export interface Geometry {
  readonly n: number;
  readonly channels: Two;
  readonly groups: number;
  readonly image: Two;
  readonly filter: Two;
  readonly stride: Two;
  readonly dilation: Two;
  readonly padding: readonly [Two, Two];
}

export const pair = (min: number, max: number): fc.Arbitrary<Two> =>
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

export const shapesOf = (a: Geometry) => ({
  x: [a.n, a.channels[0] * a.groups, ...a.image],
  w: [a.channels[1] * a.groups, a.channels[0], ...a.filter],
  y: [a.n, a.channels[1] * a.groups, count(0, a), count(1, a)],
});

/** x, w and a cotangent of y for one geometry. */
export const cases = (
  padding?: fc.Arbitrary<Two>,
  of: readonly [fc.Arbitrary<number>, fc.Arbitrary<number>, fc.Arbitrary<number>] = [number(), number(), number()],
  dtype: 'float32' | 'float64' = 'float64',
): fc.Arbitrary<[Geometry, Source, Source, Source]> =>
  geometries(padding).chain((a) => {
    const s = shapesOf(a);
    return fc.tuple(fc.constant(a), views(s.x, of[0], dtype), views(s.w, of[1], dtype), views(s.y, of[2], dtype));
  });

export const optionsOf = ({ stride, padding, dilation, groups }: Geometry) => ({ stride, padding, dilation, groups });
