import * as b from 'bigrad';
import type { Tensor } from 'bigrad';
import { narrowed } from '../halves.js';
import { axesOf, dtypeOf, fromFront, needed, NotExpressible, numbersOf } from '../node.js';
import { typeName, type Call, type Expression } from '../node.js';

const product = (list: readonly number[]): number => list.reduce((x, y) => x * y, 1);

function reshape(call: Call, x: Tensor, to?: Tensor): Tensor {
  const wanted = to ? numbersOf(to) : needed(call, 'shape');
  const keep = call.int('allowzero', 0) === 0;
  return b.reshape(
    x,
    wanted.map((d, i) => (d === 0 && keep ? x.shape[i]! : d)),
  );
}

function flatten(call: Call, x: Tensor): Tensor {
  const axis = fromFront(call.int('axis', 1), x.shape.length);
  return b.reshape(x, [product(x.shape.slice(0, axis)), product(x.shape.slice(axis))]);
}

function unsqueeze(call: Call, x: Tensor): Tensor {
  const axes = axesOf(call)!;
  const rank = x.shape.length + axes.length;
  return axes
    .map((axis) => fromFront(axis, rank))
    .sort((p, q) => p - q)
    .reduce((y, axis) => b.expandDims(y, axis), x);
}

/** Both shapes broadcast to one. */
function expand(_: Call, x: Tensor, shape: Tensor): Tensor {
  const to = numbersOf(shape);
  const rank = Math.max(to.length, x.shape.length);
  const [p, q] = [x.shape, to].map((s) => [...Array.from({ length: rank - s.length }, () => 1), ...s]);
  return b.broadcastTo(
    x,
    p!.map((d, i) => (d === 1 ? q![i]! : d)),
  );
}

function split(call: Call, x: Tensor): Tensor[] {
  const axis = fromFront(call.int('axis', 0), x.shape.length);
  const parts = call.ins[1] ? numbersOf(call.ins[1]) : call.ints('split');
  return b.split(x, parts ?? call.asked.length, axis);
}

/** NumPy's slices, with ends cut to the length. */
function slice(call: Call, x: Tensor): Tensor {
  const list = (at: number, name: string): readonly number[] | undefined =>
    call.ins[at] ? numbersOf(call.ins[at]) : call.ints(name);
  const [starts, ends] = [list(1, 'starts')!, list(2, 'ends')!];
  const axes = list(3, 'axes') ?? starts.map((_, i) => i);
  const steps = list(4, 'steps') ?? starts.map(() => 1);
  return axes.reduce((y, given, k) => {
    const axis = fromFront(given, y.shape.length);
    const [length, step] = [y.shape[axis]!, steps[k]!];
    const cut = (v: number): number => {
      const at = v < 0 ? v + length : v;
      return step > 0 ? Math.min(Math.max(at, 0), length) : Math.min(Math.max(at, -1), length - 1);
    };
    const [from, to] = [cut(starts[k]!), cut(ends[k]!)];
    const count = Math.max(0, Math.ceil((to - from) / step));
    const forward = step > 0 ? y : b.flip(y, axis);
    const first = count === 0 ? 0 : step > 0 ? from : length - 1 - from;
    return b.slice(
      forward,
      forward.shape.map((_, i) => (i === axis ? first : 0)),
      forward.shape.map((d, i) => (i === axis ? count : d)),
      forward.shape.map((_, i) => (i === axis ? Math.abs(step) : 1)),
    );
  }, x);
}

function pad(call: Call, x: Tensor, pads?: Tensor, value?: Tensor): Tensor {
  const sides = pads ? numbersOf(pads) : needed(call, 'pads');
  const pairs = x.shape.map((_, i): [number, number] => [sides[i]!, sides[i + x.shape.length]!]);
  const mode = call.text('mode', 'constant');
  if (mode === 'constant') return b.pad(x, pairs, value ? numbersOf(value)[0] : call.float('value', 0));
  // Elements of x once more: which ones, along each axis.
  return pairs.reduce((y, [before, after], axis) => {
    const length = x.shape[axis]!;
    const from = Array.from({ length: before + length + after }, (_, i) => {
      const at = i - before;
      if (mode === 'edge') return Math.min(Math.max(at, 0), length - 1);
      return at < 0 ? -at : at >= length ? 2 * (length - 1) - at : at;
    });
    return b.take(y, b.tensor(from, { dtype: 'int32' }), axis);
  }, x);
}

function shapeOf(call: Call, x: Tensor): Tensor {
  const part = x.shape.slice(call.int('start', 0), call.int('end'));
  return b.fromTypedArray(Int32Array.from(part), [part.length]);
}

/** Blocks of channels become pixels of a block. */
function depthToSpace(call: Call, x: Tensor): Tensor {
  const [n, c, h, w] = x.shape as [number, number, number, number];
  const s = call.int('blocksize', 1);
  const [to, order] =
    call.text('mode', 'DCR') === 'DCR'
      ? [
          [n, s, s, c / s / s, h, w],
          [0, 3, 4, 1, 5, 2],
        ]
      : [
          [n, c / s / s, s, s, h, w],
          [0, 1, 4, 2, 5, 3],
        ];
  return b.reshape(b.transpose(b.reshape(x, to), order), [n, c / s / s, h * s, w * s]);
}
function spaceToDepth(call: Call, x: Tensor): Tensor {
  const [n, c, h, w] = x.shape as [number, number, number, number];
  const s = call.int('blocksize', 1);
  const blocks = b.transpose(b.reshape(x, [n, c, h / s, s, w / s, s]), [0, 3, 5, 1, 2, 4]);
  return b.reshape(blocks, [n, c * s * s, h / s, w / s]);
}

function trilu(call: Call, x: Tensor, k?: Tensor): Tensor {
  const offset = k ? numbersOf(k)[0]! : 0;
  return call.int('upper', 1) ? b.triu(x, offset) : b.tril(x, offset);
}

function eyeLike(call: Call, x: Tensor): Tensor {
  const [rows, columns] = x.shape as [number, number];
  const dtype = call.has('dtype') ? dtypeOf(typeName(call.int('dtype', 1))) : x.dtype;
  const [row, column] = [b.reshape(b.arange(rows), [rows, 1]), b.arange(columns)];
  return b.cast(b.equal(column, b.add(row, call.int('k', 0))), dtype);
}

function range(_: Call, start: Tensor, limit: Tensor, delta: Tensor): Tensor {
  const [from, to, by] = [start, limit, delta].map((t) => numbersOf(t)[0]!) as [number, number, number];
  const count = Math.max(0, Math.ceil((to - from) / by));
  return b.add(b.mul(b.arange(count, { dtype: start.dtype }), by), from);
}

function constantOfShape(call: Call, shape: Tensor): Tensor {
  const value = call.tensor('value') ?? b.zeros([1]);
  return b.full(numbersOf(shape), numbersOf(value)[0]!, { dtype: value.dtype });
}

function constant(call: Call): Tensor {
  const found = call.tensor('value');
  if (found) return found;
  if (call.has('value_float')) return b.tensor(call.float('value_float', 0));
  if (call.has('value_int')) return b.tensor(call.int('value_int', 0), { dtype: 'int32' });
  const ints = call.ints('value_ints');
  if (ints && ints.length > 0) return b.tensor([...ints], { dtype: 'int32' });
  throw new NotExpressible('a constant that is no tensor of numbers');
}

/** Floats lose their fraction on the way to integers, and bools are 0 or 1. */
function cast(x: Tensor, type: string): Tensor {
  const dtype = dtypeOf(type);
  if (type === 'bool') return b.cast(b.notEqual(x, 0), 'int32');
  return b.cast(narrowed(x, type), dtype);
}

/** To the declared type of another tensor, or to its dtype. */
function castLike(call: Call, x: Tensor, like: Tensor): Tensor {
  const type = call.types[1];
  return type === undefined ? b.cast(x, like.dtype) : cast(x, type);
}

/** Operators that change shapes and dtypes, and those that make tensors. */
export const shapes: Readonly<Record<string, Expression>> = {
  Cast: (call, x) => cast(x, typeName(call.int('to', 1))),
  CastLike: (call, x, like) => castLike(call, x, like),
  Concat: (call, ...xs) => b.concat(xs, call.int('axis', 1)),
  Constant: constant,
  ConstantOfShape: constantOfShape,
  DepthToSpace: depthToSpace,
  Expand: (call, x, shape) => expand(call, x, shape),
  EyeLike: eyeLike,
  Flatten: flatten,
  Pad: pad,
  Range: (call, start, limit, delta) => range(call, start, limit, delta),
  Reshape: reshape,
  Shape: shapeOf,
  Size: (_, x) => b.tensor(x.size, { dtype: 'int32' }),
  Slice: slice,
  SpaceToDepth: spaceToDepth,
  Split: split,
  Squeeze: (call, x) => b.squeeze(x, axesOf(call)),
  Tile: (_, x, times) => b.tile(x, numbersOf(times)),
  Transpose: (call, x) => b.transpose(x, call.ints('perm')),
  Trilu: trilu,
  Unsqueeze: unsqueeze,
};
