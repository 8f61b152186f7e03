import { listOf } from './check.js';
import { show } from './words.js';

/** Lengths of a tensor's axes, outermost first; `[]` is a scalar. */
export type Shape = readonly number[];

/** Most axes of a tensor. */
export const MAX_RANK = 64;
/** Elements of a tensor are fewer: kernels count them in 32-bit integers. */
export const TOO_MANY = 2 ** 31;

/**
 * Number of elements: the product of the lengths.
 * @example
 * sizeOf([2, 3]); // 6
 */
export const sizeOf = (shape: Shape): number => {
  let n = 1;
  for (const d of shape) n *= d;
  return n;
};

export const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((d, i) => d === b[i]);

/** True where a tensor of shape `a` broadcasts to `b`. */
export const broadcastsTo = (a: Shape, b: Shape): boolean =>
  a.length <= b.length && a.every((d, i) => d === 1 || d === b[i + b.length - a.length]);

/** Row-major strides, in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  for (let axis = shape.length - 1, step = 1; axis >= 0; axis--) {
    strides[axis] = step;
    step *= shape[axis]!;
  }
  return strides;
}

/** The index of the element at a place in row-major order. */
export function indexAt(place: number, shape: Shape): number[] {
  const index: number[] = [];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index.unshift(place % shape[axis]!);
    place = Math.floor(place / shape[axis]!);
  }
  return index;
}

/** A shape as [before, along, behind] an axis. */
export const aroundAxis = (shape: Shape, axis: number): readonly [number, number, number] => [
  sizeOf(shape.slice(0, axis)),
  shape[axis]!,
  sizeOf(shape.slice(axis + 1)),
];

/**
 * The NumPy broadcast of shapes; throws a RangeError naming `who` where they do not align.
 * @param who the function that is named in an error
 * @example
 * broadcastShapes('f', [3, 1], [4]); // [ 3, 4 ]
 */
export function broadcastShapes(who: string, ...shapes: Shape[]): Shape {
  const rank = Math.max(0, ...shapes.map((s) => s.length));
  return Array.from({ length: rank }, (_, axis) => {
    let length = 1;
    for (const shape of shapes) {
      const d = shape[axis - rank + shape.length] ?? 1;
      if (d === length || d === 1) continue;
      if (length !== 1)
        throw new RangeError(
          `${who}: expected shapes that broadcast together, got ${shapes.map((s) => show(s)).join(' and ')}`,
        );
      length = d;
    }
    return length;
  });
}

/**
 * A copy of a list of numbers. The caller checks which numbers they are. A TypeError for what is no
 * list or no number, a RangeError for more than `MAX_RANK`.
 */
export function numbers(who: string, what: string, list: unknown): number[] {
  if (Array.isArray(list) && list.length > MAX_RANK)
    throw new RangeError(`${who}: expected ${what} for at most ${MAX_RANK} axes, got ${list.length}`);
  return listOf(who, what, list, (v) => {
    if (typeof v !== 'number') throw new TypeError(`${who}: expected ${what} as a list of numbers, got ${show(list)}`);
    return v;
  });
}

/**
 * A copy of `shape`, which its owner may change later; throws unless it is a list of at most 64
 * non-negative integers with a product below 2^31.
 * @param who the function that is named in an error
 * @example
 * checkShape('f', [2, 3]); // [ 2, 3 ]
 */
export function checkShape(who: string, shape: Shape): Shape {
  const own = numbers(who, 'a shape', shape);
  if (!own.every((d) => Number.isInteger(d) && d >= 0))
    throw new RangeError(`${who}: expected a shape of non-negative integers, got ${show(own)}`);
  return checkSize(who, own);
}

/**
 * Checks that a tensor of this shape can be counted; the lengths other than 0 of an empty one too,
 * so that no order of multiplication overflows.
 */
export function checkSize(who: string, shape: Shape): Shape {
  if (shape.length > MAX_RANK) throw new RangeError(`${who}: expected at most ${MAX_RANK} axes, got ${shape.length}`);
  let n = 1;
  for (const d of shape) if (d > 0) n *= d;
  if (n >= TOO_MANY) throw new RangeError(`${who}: expected a shape of fewer than 2^31 elements, got ${show(shape)}`);
  return shape;
}

/**
 * An axis in 0 .. rank-1; negative ones count from the end. Throws a RangeError naming `who`.
 * @param who the function that is named in an error
 * @param rank number of axes of the tensor
 * @example
 * checkAxis('f', -1, 3); // 2
 */
export function checkAxis(who: string, axis: number, rank: number): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank)
    throw new RangeError(`${who}: expected an axis from ${-rank} to ${rank - 1} for rank ${rank}, got ${show(axis)}`);
  return axis < 0 ? axis + rank : axis;
}

/**
 * Sorted distinct axes in 0 .. rank-1; all of them by default. Throws a RangeError naming `who`.
 * @param who the function that is named in an error
 * @param rank number of axes of the tensor
 * @example
 * checkAxes('f', [-1, 0], 3); // [ 0, 2 ]
 */
export function checkAxes(who: string, axes: number | readonly number[] | undefined, rank: number): number[] {
  if (axes === undefined) return Array.from({ length: rank }, (_, i) => i);
  const given = typeof axes === 'number' ? [axes] : numbers(who, 'axes', axes);
  const list = given.map((a) => checkAxis(who, a, rank)).sort((a, b) => a - b);
  if (list.some((a, i) => a === list[i - 1]))
    throw new RangeError(`${who}: expected distinct axes, got ${show(given)}`);
  return list;
}

/** True for the order of axes that exchanges the last two and leaves the others. */
export function swapsLastTwo(order: readonly number[]): boolean {
  const rank = order.length;
  return rank > 1 && order.every((axis, i) => axis === (i < rank - 2 ? i : 2 * rank - 3 - i));
}
