import * as b from 'bigrad';
import type { Tensor } from 'bigrad';
import { fromFront, isSequence, numbersOf, type Call, type Sequence, type Structure, type Value } from '../node.js';

const int = (value: number): Tensor => b.tensor(value, { dtype: 'int32' });

/** A place in a sequence of a length, counted from either end and up to `last`. */
function placeOf(at: Value, length: number, last = length - 1): number {
  const given = numbersOf(at as Tensor)[0]!;
  const place = fromFront(given, length);
  if (place < 0 || place > last) throw new RangeError(`expected a place from ${-length} to ${last}, got ${given}`);
  return place;
}

function present(x: Value): Value {
  if (x === undefined) throw new TypeError('OptionalGetElement: expected a value, got none');
  return x;
}

/** An operator on the tensors of a sequence. */
const on =
  (f: (items: readonly Tensor[], ...others: Value[]) => Value): Structure =>
  (_, x, ...others) => [f((x as Sequence).items, ...others)];

/** The parts of a tensor along an axis: single rows, parts of one length, or parts of lengths. */
function parts(call: Call, x: Tensor, lengths: Tensor | undefined): Sequence {
  const axis = fromFront(call.int('axis', 0), x.shape.length);
  const length = x.shape[axis]!;
  const each = lengths && lengths.shape.length === 0 ? numbersOf(lengths)[0]! : 1;
  const equal = Array.from({ length: Math.ceil(length / each) }, (_, i) => Math.min(each, length - i * each));
  const items = b.split(x, lengths && lengths.shape.length > 0 ? numbersOf(lengths) : equal, axis);
  const squeezed = !lengths && call.int('keepdims', 1) === 0;
  return { items: squeezed ? items.map((t) => b.squeeze(t, axis)) : items };
}

function joined(call: Call, { items }: Sequence): Tensor {
  const axis = call.int('axis', 0);
  return call.int('new_axis', 0) === 1 ? b.stack(items, axis) : b.concat(items, axis);
}

/** A graph on each element; tensors beside the sequences are the same for all. */
const mapped: Structure = (call, first, ...others) => {
  const body = call.graph('body');
  const rows = (first as Sequence).items.map(
    (x, i) => body(x, ...others.map((v) => (isSequence(v) ? v.items[i] : v))) as readonly Tensor[],
  );
  return call.asked.map((_, k) => ({ items: rows.map((row) => row[k]!) }));
};

/** Operators on sequences and on optional values: these hold tensors, and compute nothing. */
export const sequences: Readonly<Record<string, Structure>> = {
  Identity: (_, x) => [x],
  Optional: (_, x) => [x],
  OptionalGetElement: (_, x) => [present(x)],
  OptionalHasElement: (_, x) => [int(x === undefined ? 0 : 1)],
  ConcatFromSequence: (call, x) => [joined(call, x as Sequence)],
  SequenceAt: on((items, at) => items[placeOf(at, items.length)]),
  SequenceConstruct: (_, ...xs) => [{ items: xs as Tensor[] }],
  SequenceEmpty: () => [{ items: [] }],
  SequenceErase: on((items, at) => ({ items: items.toSpliced(at ? placeOf(at, items.length) : -1, 1) })),
  SequenceInsert: on((items, x, at) => ({
    items: items.toSpliced(at ? placeOf(at, items.length, items.length) : items.length, 0, x as Tensor),
  })),
  SequenceLength: on((items) => int(items.length)),
  SequenceMap: mapped,
  SplitToSequence: (call, x, lengths) => [parts(call, x as Tensor, lengths as Tensor | undefined)],
};
