import fc from 'fast-check';
import { broadcastTo, flip, slice, transpose, type Backend, type DType, type Shape, type Tensor } from 'bigrad';
import { sizeOf } from '../../src/core/shape.js';
import { contiguous } from './memory.js';

/**
 * Short numbers of either sign: exact in float32, and small enough that sums of products are too.
 */
export const number = (min = -2, max = 2): fc.Arbitrary<number> =>
  fc.integer({ min: Math.ceil(min * 16), max: Math.floor(max * 16) }).map((n) => n / 16);

/** Small integers, of which sums of products are exact. */
export const integer = (): fc.Arbitrary<number> => fc.integer({ min: -3, max: 3 });

/** The float dtypes. */
export const floatTypes = (): fc.Arbitrary<'float32' | 'float64'> =>
  fc.constantFrom('float32' as const, 'float64' as const);

/** Short numbers, one in eight of them NaN, infinite or a negative zero. */
export const special = (): fc.Arbitrary<number> =>
  fc.oneof({ arbitrary: number(), weight: 7 }, { arbitrary: fc.constantFrom(NaN, Infinity, -Infinity, -0), weight: 1 });

/** Shapes of up to `rank` axes of 0 .. `longest` elements. */
export const shapes = (rank = 4, longest = 5, shortest = 0): fc.Arbitrary<number[]> =>
  fc.array(fc.integer({ min: shortest, max: longest }), { maxLength: rank });

/** A recipe for a tensor, so that the same can be made on several devices. */
export interface Source {
  readonly shape: Shape;
  make(device: Backend): Tensor;
  toString(): string;
}

/** Contiguous tensors of a shape. */
export const sources = (shape: Shape, of = number(), dtype: DType = 'float64'): fc.Arbitrary<Source> =>
  fc.array(of, { minLength: sizeOf(shape), maxLength: sizeOf(shape) }).map((data) => ({
    shape,
    make: (device) => contiguous(data, shape, device, dtype),
    toString: () => `${dtype} [${shape.join(',')}] of [${data.join(', ')}]`,
  }));

/** How a view of a given shape is cut from a larger or repeated tensor. */
export const cuts = ['whole', 'transposed', 'flipped', 'strided', 'broadcast'] as const;
export type Cut = (typeof cuts)[number];

/** The shape of the tensor that a view of `shape` is cut from. */
export const baseOf = (cut: Cut, shape: Shape): Shape => {
  if (cut === 'transposed') return [...shape].reverse();
  if (cut === 'strided') return shape.map((d) => 2 * d + 1);
  return cut === 'broadcast' ? shape.map((d, i) => (i % 2 === 0 ? 1 : d)) : shape;
};

/**
 * Tensors of a shape which are windows on other memory: transposed, flipped, every other element of
 * a part, or repeated.
 */
export const views = (shape: Shape, of = number(), dtype: DType = 'float64'): fc.Arbitrary<Source> =>
  fc.constantFrom(...cuts).chain((cut) =>
    sources(baseOf(cut, shape), of, dtype).map((source) => ({
      shape,
      make: (device) => cutFrom(cut, source.make(device), shape),
      toString: () => `${cut} view [${shape.join(',')}] of ${String(source)}`,
    })),
  );

/** The view of a shape on a tensor of the shape that `baseOf` tells. */
export function cutFrom(cut: Cut, x: Tensor, shape: Shape): Tensor {
  if (cut === 'transposed') return transpose(x);
  if (cut === 'flipped') return flip(x);
  if (cut === 'broadcast') return broadcastTo(x, shape);
  if (cut === 'whole') return x;
  return slice(
    x,
    shape.map(() => 1),
    shape,
    shape.map(() => 2),
  );
}

/** Pairs of shapes that broadcast together. */
export const broadcastable = (rank = 3, longest = 4): fc.Arbitrary<[number[], number[]]> =>
  shapes(rank, longest, 1).chain((shape) =>
    fc
      .tuple(
        ...([0, 1] as const).map(() =>
          fc.tuple(fc.nat(shape.length), fc.array(fc.boolean(), { minLength: 3, maxLength: 3 })),
        ),
      )
      .map((cuts) => {
        const [a, b] = cuts.map(([drop, ones]) => shape.map((d, i) => (ones[i] ? 1 : d)).slice(drop));
        return [a!, b!];
      }),
  );
