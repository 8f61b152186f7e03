import { integer } from '../../core/check.js';
import { checkTensor } from '../../core/op.js';
import { checkAxes, numbers, TOO_MANY } from '../../core/shape.js';
import type { Tensor } from '../../core/tensor.js';
import { show } from '../../core/words.js';
import { arange, zerosLike } from '../create.js';
import { add, greaterEqual, lessEqual, mul, where } from '../elementwise.js';
import { expandDims, reshape, slice, transpose } from '../movement.js';
import { concat } from '../join.js';
import { sum } from '../reduce.js';

const anOffset = integer(-TOO_MANY, TOO_MANY);

/** Checks an argument whose last two axes are those of matrices. */
function checkPlanes(who: string, x: Tensor): Tensor {
  if (checkTensor(who, x).shape.length < 2)
    throw new RangeError(`${who}: expected matrices [..., m, n], got ${show(x.shape)}`);
  return x;
}

function triangle(who: string, x: Tensor, offset: number, keep: (column: Tensor, last: Tensor) => Tensor): Tensor {
  const [m, n] = checkPlanes(who, x).shape.slice(-2) as [number, number];
  const dtype = m + n < 2 ** 24 ? 'float32' : 'int32'; // there are more kernels for floats
  const row = (length: number): Tensor => arange(x.device, 0, length, 1, dtype);
  const limit = Math.max(-m, Math.min(n, anOffset(who, 'the offset', offset)));
  return where(keep(row(n), add(expandDims(row(m), 1), limit)), x, 0);
}
/**
 * The lower triangle of matrices [..., m, n], with zeros above diagonal `offset`.
 * @example
 * tril(tensor([[1, 2], [3, 4]])); // float32[2,2] on cpu [[1, 0], [3, 4]]
 */
export const tril = (x: Tensor, offset = 0): Tensor => triangle('tril', x, offset, lessEqual);
/**
 * The upper triangle of matrices [..., m, n], with zeros below diagonal `offset`.
 * @example
 * triu(tensor([[1, 2], [3, 4]]), 1); // float32[2,2] on cpu [[0, 2], [0, 0]]
 */
export const triu = (x: Tensor, offset = 0): Tensor => triangle('triu', x, offset, greaterEqual);

/**
 * The diagonals of matrices over two axes, the last two by default, as a last axis. Throws a
 * RangeError where the axes are not two.
 * @example
 * diagonal(tensor([[1, 2], [3, 4]])); // float32[2] on cpu [1, 4]
 */
export function diagonal(x: Tensor, offset = 0, axes: readonly [number, number] = [-2, -1]): Tensor {
  const rank = checkTensor('diagonal', x).shape.length;
  const given = numbers('diagonal', 'axes', axes);
  if (given.length !== 2) throw new RangeError(`diagonal: expected two axes, got ${show(given)}`);
  checkAxes('diagonal', given, rank);
  const own = given.map((a) => (a < 0 ? a + rank : a));
  const others = [...x.shape.keys()].filter((i) => !own.includes(i));
  const turned = transpose(x, [...others, ...own]);
  const lead = others.map((i) => x.shape[i]!);
  const [m, n] = own.map((i) => x.shape[i]!) as [number, number];
  const by = anOffset('diagonal', 'the offset', offset);
  const count = Math.max(0, Math.min(m + Math.min(by, 0), n - Math.max(by, 0)));
  const from = by < 0 ? -by * n : by;
  const rows = reshape(turned, [...lead, m * n]);
  return slice(
    rows,
    [...lead.map(() => 0), count === 0 ? 0 : from],
    [...lead, count],
    [...lead.map(() => 1), count === 0 ? 1 : n + 1],
  );
}

/** Square matrices [..., n, n] with the vectors [..., n] on their diagonals. */
export function diagonalMatrix(x: Tensor): Tensor {
  const n = x.shape.at(-1)!;
  // A row of n + 1, n times, less the last n zeros: the next diagonal element is n + 1 further on.
  const wide = concat([expandDims(x, -1), broadcastZeros(x, n)], -1);
  const flat = reshape(wide, [...x.shape.slice(0, -1), n * (n + 1)]);
  const part = slice(
    flat,
    flat.shape.map(() => 0),
    [...x.shape.slice(0, -1), n * n],
  );
  return reshape(part, [...x.shape, n]);
}
const broadcastZeros = (x: Tensor, n: number): Tensor =>
  mul(expandDims(zerosLike(x), -1), zerosLike(arange(x.device, 0, n, 1, x.dtype)));

/**
 * The sum of the diagonal elements of matrices [..., m, n].
 * @example
 * trace(tensor([[1, 2], [3, 4]])); // float32[] on cpu 5
 */
export const trace = (x: Tensor, offset = 0): Tensor =>
  sum(diagonal(checkPlanes('trace', x), anOffset('trace', 'the offset', offset)), -1);
