import * as b from 'bigrad';
import type { Tensor } from 'bigrad';
import { fromFront, needed, NotExpressible, numbersOf, type Call, type Expression } from '../node.js';

const product = (list: readonly number[]): number => list.reduce((x, y) => x * y, 1);
const ints = (list: readonly number[], shape = [list.length]): Tensor => b.fromTypedArray(Int32Array.from(list), shape);

/** Indices from the front. */
const positive = (indices: Tensor, length: number): Tensor =>
  b.where(b.less(indices, 0), b.add(indices, length), indices);

/** A whole tensor of indices in front of each axis of a slice: rows of x that each one names. */
function flatRows(indices: Tensor, shape: readonly number[]): Tensor {
  const depth = indices.shape.at(-1)!;
  const strides = Array.from({ length: depth }, (_, i) => product(shape.slice(i + 1, depth)));
  const lengths = ints(shape.slice(0, depth));
  const wrapped = b.where(b.less(indices, 0), b.add(indices, lengths), indices);
  return b.sum(b.mul(wrapped, ints(strides)), -1);
}

function gatherNd(call: Call, x: Tensor, indices: Tensor): Tensor {
  const batch = call.int('batch_dims', 0);
  if (batch > 0) {
    const count = x.shape[0]!;
    if (batch > 1) throw new NotExpressible('more than one axis of batches');
    const each = Array.from({ length: count }, (_, i) => {
      const [own, at] = [b.take(x, ints([i]), 0), b.take(indices, ints([i]), 0)];
      return gathered(b.reshape(own, x.shape.slice(1)), b.reshape(at, indices.shape.slice(1)));
    });
    return b.stack(each);
  }
  return gathered(x, indices);
}
function gathered(x: Tensor, indices: Tensor): Tensor {
  const depth = indices.shape.at(-1)!;
  const rest = x.shape.slice(depth);
  return b.take(b.reshape(x, [product(x.shape.slice(0, depth)), ...rest]), flatRows(indices, x.shape), 0);
}

function scatterNd(call: Call, x: Tensor, indices: Tensor, updates: Tensor): Tensor {
  const depth = indices.shape.at(-1)!;
  const [rows, width] = [product(x.shape.slice(0, depth)), product(x.shape.slice(depth))];
  const at = b.reshape(flatRows(indices, x.shape), [-1, 1]);
  const all = b.broadcastTo(at, [at.shape[0]!, width]);
  const flat = b.reshape(updates, [at.shape[0]!, width]);
  return b.reshape(scattered(call, b.reshape(x, [rows, width]), all, flat, 0), x.shape);
}

function scattered(call: Call, x: Tensor, indices: Tensor, updates: Tensor, axis: number): Tensor {
  const how = call.text('reduction', 'none');
  // Adjoint ops take indices of the shape of x along all other axes.
  if (how === 'add') return b.scatterAdd(x, indices, updates, axis);
  if (how === 'none') return b.scatterSet(x, indices, updates, axis);
  if (how !== 'mul') throw new NotExpressible(`no scatter with ${how}`);
  // A product over equal indices: one update after another.
  return Array.from({ length: indices.shape[axis]! }, (_, i) => i).reduce((y, i) => {
    const [at, by] = [b.take(indices, ints([i]), axis), b.take(updates, ints([i]), axis)];
    return b.scatterSet(y, at, b.mul(b.takeAlong(y, at, axis), by), axis);
  }, x);
}

/** Other axes may be shorter in the indices than in x: only this part of x is changed. */
function scatterElements(call: Call, x: Tensor, indices: Tensor, updates: Tensor): Tensor {
  const axis = fromFront(call.int('axis', 0), x.shape.length);
  const at = positive(indices, x.shape[axis]!);
  const part = x.shape.map((d, i) => (i === axis ? d : indices.shape[i]!));
  const changed = scattered(
    call,
    b.slice(
      x,
      x.shape.map(() => 0),
      part,
    ),
    at,
    updates,
    axis,
  );
  if (part.every((d, i) => d === x.shape[i])) return changed;
  const there = b.pad(
    b.onesLike(changed),
    part.map((d, i): [number, number] => [0, x.shape[i]! - d]),
  );
  const grown = b.pad(
    changed,
    part.map((d, i): [number, number] => [0, x.shape[i]! - d]),
  );
  return b.where(there, grown, x);
}

function gatherElements(call: Call, x: Tensor, indices: Tensor): Tensor {
  const axis = fromFront(call.int('axis', 0), x.shape.length);
  const part = b.slice(
    x,
    x.shape.map(() => 0),
    x.shape.map((d, i) => (i === axis ? d : indices.shape[i]!)),
  );
  return b.takeAlong(part, positive(indices, x.shape[axis]!), axis);
}

function oneHot(call: Call, indices: Tensor, depth: Tensor, values: Tensor): Tensor {
  const count = numbersOf(depth)[0]!;
  const at = positive(b.cast(indices, 'int32'), count);
  const last = b.oneHot(at, count, { dtype: values.dtype });
  const [off, on] = numbersOf(values) as [number, number];
  const axis = fromFront(call.int('axis', -1), last.shape.length);
  const rank = at.shape.length;
  const order = Array.from({ length: rank + 1 }, (_, i) => (i < axis ? i : i === axis ? rank : i - 1));
  return b.add(b.mul(b.transpose(last, order), on - off), off);
}

/** Entries of x whose condition is not 0. */
function compress(call: Call, x: Tensor, condition: Tensor): Tensor {
  const [at] = b.where(condition);
  return call.has('axis')
    ? b.take(x, at!, fromFront(call.int('axis', 0), x.shape.length))
    : b.take(b.reshape(x, [-1]), at!, 0);
}

/** The first entries of each row along the time, backwards. */
function reverseSequence(call: Call, x: Tensor, lengths: Tensor): Tensor {
  const [time, batch] = [call.int('time_axis', 0), call.int('batch_axis', 1)];
  const last = numbersOf(lengths);
  const front = b.transpose(x, [batch, time, ...x.shape.keys()].slice(0, 2).concat([...x.shape.keys()].slice(2)));
  const steps = x.shape[time]!;
  const at = last.flatMap((n) => Array.from({ length: steps }, (_, i) => (i < n ? n - 1 - i : i)));
  const turned = b.takeAlong(front, spread(ints(at, [last.length, steps]), front.shape), 1);
  return batch === 0 ? turned : b.transpose(turned, [1, 0, ...[...x.shape.keys()].slice(2)]);
}
const spread = (at: Tensor, shape: readonly number[]): Tensor =>
  b.broadcastTo(b.reshape(at, [...at.shape, ...shape.slice(2).map(() => 1)]), shape);

/** Values back at the places where pooling found them. */
function maxUnpool(call: Call, x: Tensor, indices: Tensor, shape?: Tensor): Tensor {
  const kernel = needed(call, 'kernel_shape');
  const strides = call.ints('strides') ?? kernel.map(() => 1);
  if (call.ints('pads')?.some((p) => p > 0)) throw new NotExpressible('no unpooling with padding');
  const [n, c, ...axes] = x.shape as [number, number, ...number[]];
  const natural = [n, c, ...axes.map((d, i) => (d - 1) * strides[i]! + kernel[i]!)];
  const to = shape ? numbersOf(shape) : natural;
  // Places are counted in the whole tensor of the natural shape.
  const flat = b.scatterSet(b.zeros([product(natural)]), b.reshape(indices, [-1]), b.reshape(x, [-1]), 0);
  return b.pad(
    b.reshape(flat, natural),
    natural.map((d, i): [number, number] => [0, to[i]! - d]),
  );
}

/** Operators that pick and place elements. */
export const indexing: Readonly<Record<string, Expression>> = {
  Compress: (call, x, condition) => compress(call, x, condition),
  Gather: (call, x, indices) => b.take(x, indices, call.int('axis', 0)),
  GatherElements: (call, x, indices) => gatherElements(call, x, indices),
  GatherND: (call, x, indices) => gatherNd(call, x, indices),
  MaxUnpool: (call, x, indices, shape) => maxUnpool(call, x, indices, shape),
  NonZero: (_, x) => b.stack(b.where(x)),
  OneHot: (call, indices, depth, values) => oneHot(call, indices, depth, values),
  ReverseSequence: (call, x, lengths) => reverseSequence(call, x, lengths),
  Scatter: (call, x, indices, updates) => scatterElements(call, x, indices, updates),
  ScatterElements: (call, x, indices, updates) => scatterElements(call, x, indices, updates),
  ScatterND: (call, x, indices, updates) => scatterNd(call, x, indices, updates),
};
