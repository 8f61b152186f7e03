import * as b from 'bigrad';
import type { Tensor } from 'bigrad';
import { fromFront, numbersOf, type Call, type Expression } from '../node.js';

const ints = (list: readonly number[]): Tensor => b.fromTypedArray(Int32Array.from(list), [list.length]);

/** An integer for each slice along an axis: their order is that of the slices. */
function ranks(x: Tensor, axis: number): Tensor {
  const n = x.shape[axis]!;
  const order = [axis, ...[...x.shape.keys()].filter((i) => i !== axis)];
  const rows = b.reshape(b.transpose(x, order), [n, -1]);
  const columns = b.split(rows, rows.shape[1]!, 1);
  // The rank so far decides first, and the next column where it is equal.
  return columns.reduce<Tensor>(
    (rank, column) => b.unique(b.add(b.mul(rank, n), b.unique(column).inverse)).inverse,
    b.zeros([n], { dtype: 'int32' }),
  );
}

/** Distinct numbers or slices, where each was first, which of them each is, and how often. */
function unique(call: Call, x: Tensor): Tensor[] {
  const axis = call.has('axis') ? fromFront(call.int('axis', 0), x.shape.length) : 0;
  const all = call.has('axis') ? x : b.reshape(x, [-1]);
  const { inverse, counts } = b.unique(call.has('axis') ? ranks(x, axis) : all);
  const list = numbersOf(inverse);
  const first = [...counts.shape].flatMap((n) => Array.from({ length: n }, (_, k) => list.indexOf(k)));
  const order = [...first.keys()];
  if (call.int('sorted', 1) === 0) order.sort((p, q) => first[p]! - first[q]!);
  const [by, rank] = [ints(order), ints([...order.keys()].map((k) => order.indexOf(k)))];
  const places = b.take(ints(first), by);
  return [b.take(all, places, axis), places, b.take(rank, inverse), b.take(counts, by)];
}

/** What is there at least once. */
export const distinct: Readonly<Record<string, Expression>> = { Unique: unique };
