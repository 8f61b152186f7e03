import { integer, listOf } from '../core/check.js';
import { checkTensor } from '../core/op.js';
import { TOO_MANY } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import { isList } from '../core/plain.js';
import { kindOf, show } from '../core/words.js';
import { expandDims, flip, slice, squeeze } from './movement.js';
import { taken } from './take.js';

/**
 * What to take of one axis: a position, which drops the axis; ':' for all of it; [start, stop] or
 * [start, stop, step], where null is an open end; or int32 indices, whose shape takes its place.
 * '...' stands for all axes that are not named, and 'new' for a new axis of length 1.
 */
export type Index = number | ':' | '...' | 'new' | readonly [number | null, number | null, number?] | Tensor;

/** What an index takes of an axis: positions start, start + step, ..., reversed or not. */
interface Part {
  readonly start: number;
  readonly size: number;
  readonly step: number;
  readonly reversed: boolean;
}

const whole = (length: number): Part => ({ start: 0, size: length, step: 1, reversed: false });
const position = integer(-TOO_MANY, TOO_MANY);

/** The positions of start:stop:step as in Python: ends beyond an axis are moved to it. */
function part(range: readonly unknown[], length: number): Part {
  if (range.length < 2 || range.length > 3)
    throw new RangeError(`at: expected a range [start, stop] or [start, stop, step], got ${show(range)}`);
  const step = range[2] === undefined ? 1 : position('at', 'a step', range[2]);
  if (step === 0) throw new RangeError('at: expected a step other than 0, got 0');
  const [lo, hi] = step > 0 ? [0, length] : [-1, length - 1];
  const end = (v: unknown, open: number): number => {
    if (v === null) return open;
    const n = position('at', 'an end of a range', v);
    return Math.min(hi, Math.max(lo, n < 0 ? n + length : n));
  };
  const [start, stop] = step > 0 ? [end(range[0], lo), end(range[1], hi)] : [end(range[0], hi), end(range[1], lo)];
  const size = Math.max(0, Math.ceil((stop - start) / step));
  if (step > 0) return { start: size === 0 ? 0 : start, size, step, reversed: false };
  return { start: size === 0 ? 0 : start + (size - 1) * step, size, step: -step, reversed: true };
}

/** What one index takes of an axis of some length; indices in a tensor are taken later. */
function partOf(index: unknown, length: number, axis: number): Part {
  if (index === ':' || index instanceof Tensor) return whole(length);
  if (isList(index))
    return part(
      listOf('at', 'a range', index, (v) => v),
      length,
    );
  if (typeof index !== 'number')
    throw new TypeError(`at: expected a number, ':', '...', 'new', a range or a tensor, got ${kindOf(index)}`);
  if (!Number.isInteger(index) || index < -length || index >= length)
    throw new RangeError(`at: expected a position from ${-length} to ${length - 1} along axis ${axis}, got ${index}`);
  return { start: index < 0 ? index + length : index, size: 1, step: 1, reversed: false };
}

/** The indices with one for each axis of x, and 'new' between them. */
function complete(indices: readonly unknown[], x: Tensor): unknown[] {
  const named = indices.filter((i) => i !== 'new' && i !== '...').length;
  const dots = indices.filter((i) => i === '...').length;
  const rest = x.shape.length - named;
  if (rest < 0 || dots > 1)
    throw new RangeError(
      `at: expected at most ${x.shape.length} indices and one '...' for ${show(x.shape)}, got ${show(indices)}`,
    );
  const colons = new Array<string>(rest).fill(':');
  return dots === 1 ? indices.flatMap((i) => (i === '...' ? colons : [i])) : [...indices, ...colons];
}

/**
 * A part of x, axis by axis, as x[0, :, 1:3] is in NumPy: `at(x, [0, ':', [1, 3]])`. Axes without
 * an index stay whole. Throws a RangeError for positions outside of x, and for more than one tensor
 * of indices.
 * @example
 * at(tensor([[1, 2, 3], [4, 5, 6]]), [0, [1, 3]]); // float32[2] on cpu [2, 3]
 * at(tensor([[1, 2, 3], [4, 5, 6]]), ['...', -1]); // float32[2] on cpu [3, 6]
 */
export function at(x: Tensor, indices: readonly Index[]): Tensor {
  checkTensor('at', x);
  const all = complete(
    listOf('at', 'indices', indices, (i) => i),
    x,
  );
  const own = all.filter((i) => i !== 'new');
  const parts = own.map((index, axis) => partOf(index, x.shape[axis]!, axis));
  let y = slice(
    x,
    parts.map(({ start }) => start),
    parts.map(({ size }) => size),
    parts.map(({ step }) => step),
  );
  const turned = parts.flatMap(({ reversed }, axis) => (reversed ? [axis] : []));
  if (turned.length > 0) y = flip(y, turned);
  const tensors = own.flatMap((i, axis) => (i instanceof Tensor ? [axis] : []));
  if (tensors.length > 1)
    throw new RangeError(`at: expected one tensor of indices at most, got ${tensors.length}; use take and takeAlong`);
  // From the last axis on, so that those before it keep their numbers.
  let axis = own.length;
  for (const index of [...all].reverse()) {
    if (index === 'new') y = expandDims(y, axis);
    else {
      axis--;
      if (typeof index === 'number') y = squeeze(y, axis);
      if (index instanceof Tensor) y = taken('at', y, index, axis);
    }
  }
  return y;
}
