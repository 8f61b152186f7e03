import { count, integer, listOf, oneOf, whole } from '../core/check.js';
import { checkAlike, checkTensor } from '../core/op.js';
import { checkOptions } from '../core/options.js';
import { checkAxes, checkAxis, checkShape, checkSize, numbers } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { show } from '../core/words.js';
import { broadcastTo } from './broadcast.js';
import { fromTypedArray } from './create.js';
import { expandDims, reshape, slice } from './movement.js';
import { concat } from './join.js';
import { take } from './take.js';

/** Of elements that a tensor can have. */
const shift = integer(-(2 ** 31), 2 ** 31);

/** Moves elements along one axis; those that leave the end enter at the start. */
function rolled(x: Tensor, by: number, axis: number): Tensor {
  const length = x.shape[axis]!;
  const from = length === 0 ? 0 : ((-by % length) + length) % length;
  if (from === 0) return x;
  const part = (start: number, size: number): Tensor =>
    slice(
      x,
      x.shape.map((_, i) => (i === axis ? start : 0)),
      x.shape.map((d, i) => (i === axis ? size : d)),
    );
  return concat([part(from, length - from), part(0, from)], axis);
}

/**
 * x with its elements moved by a number of places along axes, those from the end at the start: y_i
 * = x_(i - shift). There is one number, or one for each axis. Without axes x is taken as a row.
 * @example
 * roll(tensor([1, 2, 3]), 1); // float32[3] on cpu [3, 1, 2]
 */
export function roll(x: Tensor, shifts: number | readonly number[], axes?: number | readonly number[]): Tensor {
  const { shape } = checkTensor('roll', x);
  const given = (typeof shifts === 'number' ? [shifts] : numbers('roll', 'shifts', shifts)).map((n) =>
    shift('roll', 'a shift', n),
  );
  if (axes === undefined) {
    if (given.length !== 1) throw new RangeError(`roll: expected one shift without axes, got ${show(given)}`);
    return reshape(rolled(reshape(x, [-1]), given[0]!, 0), shape);
  }
  const list = (typeof axes === 'number' ? [axes] : numbers('roll', 'axes', axes)).map((a) =>
    checkAxis('roll', a, shape.length),
  );
  checkAxes('roll', list, shape.length);
  if (given.length !== 1 && given.length !== list.length)
    throw new RangeError(`roll: expected one shift for each of ${list.length} axes, got ${show(given)}`);
  return list.reduce((y, axis, i) => rolled(y, given[given.length === 1 ? 0 : i]!, axis), x);
}

/**
 * Copies of x side by side: `times` of them along each axis. Of x and the list, the shorter one is
 * taken with ones in front.
 * @example
 * tile(tensor([1, 2]), [2, 2]); // float32[2,4] on cpu [[1, 2, 1, 2], [1, 2, 1, 2]]
 */
export function tile(x: Tensor, times: readonly number[]): Tensor {
  const { shape } = checkTensor('tile', x);
  const given = checkShape('tile', times);
  const rank = Math.max(shape.length, given.length);
  const own = [...new Array<number>(rank - shape.length).fill(1), ...shape];
  const copies = [...new Array<number>(rank - given.length).fill(1), ...given];
  checkSize(
    'tile',
    own.map((d, i) => d * copies[i]!),
  );
  return own.reduce(
    (y, _, axis) => {
      const n = copies[axis]!;
      if (n > 0) return n === 1 ? y : concat(new Array<Tensor>(n).fill(y), axis);
      const none = y.shape.map((e, i) => (i === axis ? 0 : e));
      return slice(
        y,
        none.map(() => 0),
        none,
      );
    },
    reshape(x, own),
  );
}

/**
 * x with each element repeated along an axis: a number of times, or as often as a list says for
 * each position. Without an axis x is taken as a row.
 * @example
 * repeat(tensor([1, 2]), 2); // float32[4] on cpu [1, 1, 2, 2]
 * repeat(tensor([1, 2]), [3, 0], 0); // float32[3] on cpu [1, 1, 1]
 */
export function repeat(x: Tensor, times: number | readonly number[], axis?: number): Tensor {
  checkTensor('repeat', x);
  if (axis === undefined) return repeat(reshape(x, [-1]), times, 0);
  const at = checkAxis('repeat', axis, x.shape.length);
  const length = x.shape[at]!;
  const each = typeof times === 'number' ? whole('repeat', 'the number of times', times) : undefined;
  const list =
    each === undefined ? listOf('repeat', 'times', times, (n) => whole('repeat', 'a number of times', n)) : [];
  if (each === undefined && list.length !== length)
    throw new RangeError(
      `repeat: expected ${length} numbers of times for axis ${at} of ${show(x.shape)}, got ${list.length}`,
    );
  const total = each === undefined ? list.reduce((n, m) => n + m, 0) : each * length;
  checkSize(
    'repeat',
    x.shape.map((d, i) => (i === at ? total : d)),
  );
  const indices = new Int32Array(total);
  for (let i = 0, k = 0; i < length; i++) {
    const end = k + (each ?? list[i]!);
    indices.fill(i, k, end);
    k = end;
  }
  return take(x, fromTypedArray(x.device, indices, [total]), at);
}

/**
 * A tensor of the whole grid for each vector: of shape [n1, n2, ...] with indexing 'ij', and of
 * [n2, n1, ...] with 'xy', the default as in NumPy.
 * @example
 * meshgrid([tensor([1, 2]), tensor([3, 4])])[0]; // float32[2,2] on cpu [[1, 2], [1, 2]]
 */
export function meshgrid(xs: readonly Tensor[], options: { readonly indexing?: 'xy' | 'ij' } = {}): Tensor[] {
  const { indexing = 'xy' } = checkOptions('meshgrid', options, { indexing: oneOf('xy', 'ij') });
  const own = listOf('meshgrid', 'tensors', xs, (x) => checkTensor('meshgrid', x, 1));
  count('meshgrid', 'the number of tensors', own.length);
  checkAlike('meshgrid', own);
  const place = (i: number): number => (indexing === 'xy' && i < 2 && own.length > 1 ? 1 - i : i);
  const shape = own.map((_, i) => own[place(i)]!.size);
  return own.map((x, i) => {
    let column = x;
    for (let axis = place(i) + 1; axis < own.length; axis++) column = expandDims(column, -1);
    return broadcastTo(column, shape);
  });
}
