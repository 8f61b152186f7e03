import { kindOf } from './dtype.js';

/** Lengths of a tensor's axes, outermost first; `[]` is a scalar. */
export type Shape = readonly number[];

/** `[2,3]`, as shapes are written in messages. */
export const show = (shape: Shape): string => `[${shape.join(',')}]`;

/** Number of elements: the product of the lengths. */
export const sizeOf = (shape: Shape): number => {
  let n = 1;
  for (const d of shape) n *= d;
  return n;
};

export const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((d, i) => d === b[i]);

/** Row-major strides, in elements. */
export function stridesOf(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  for (let axis = shape.length - 1, step = 1; axis >= 0; axis--) {
    strides[axis] = step;
    step *= shape[axis]!;
  }
  return strides;
}

/** The NumPy broadcast of shapes; throws a RangeError naming `who` where they do not align. */
export function broadcastShapes(who: string, ...shapes: Shape[]): Shape {
  const rank = Math.max(0, ...shapes.map((s) => s.length));
  return Array.from({ length: rank }, (_, axis) => {
    let length = 1;
    for (const shape of shapes) {
      const d = shape[axis - rank + shape.length] ?? 1;
      if (d === length || d === 1) continue;
      if (length !== 1)
        throw new RangeError(`${who}: expected shapes that broadcast together, got ${shapes.map(show).join(' and ')}`);
      length = d;
    }
    return length;
  });
}

/** Checks that `list` is an array; a TypeError naming `who` and what it should be otherwise. */
export function checkList(who: string, what: string, list: unknown): void {
  if (!Array.isArray(list)) throw new TypeError(`${who}: expected ${what} as a list, got ${kindOf(list)}`);
}

/** A copy of `shape`, which its owner may change later; throws unless it is a list of non-negative integers. */
export function checkShape(who: string, shape: Shape): Shape {
  checkList(who, 'a shape', shape);
  if (!shape.every((d) => Number.isInteger(d) && d >= 0))
    throw new RangeError(`${who}: expected a shape of non-negative integers, got ${show(shape)}`);
  return [...shape];
}

/** An axis in 0 .. rank-1; negative ones count from the end. Throws a RangeError naming `who`. */
export function checkAxis(who: string, axis: number, rank: number): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank)
    throw new RangeError(`${who}: expected an axis from ${-rank} to ${rank - 1} for rank ${rank}, got ${axis}`);
  return axis < 0 ? axis + rank : axis;
}

/** Sorted distinct axes in 0 .. rank-1; all of them by default. Throws a RangeError naming `who`. */
export function checkAxes(who: string, axes: number | readonly number[] | undefined, rank: number): number[] {
  if (axes === undefined) return Array.from({ length: rank }, (_, i) => i);
  const given = typeof axes === 'number' ? [axes] : axes;
  checkList(who, 'axes', given);
  const list = given.map((a) => checkAxis(who, a, rank)).sort((a, b) => a - b);
  if (list.some((a, i) => a === list[i - 1]))
    throw new RangeError(`${who}: expected distinct axes, got ${show(given)}`);
  return list;
}
