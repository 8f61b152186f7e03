import { count, listOf, whole } from '../core/check.js';
import { checkAlike, checkTensor, defineVariadicOp } from '../core/op.js';
import { checkAxis, sameShape, sizeOf } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { show } from '../core/words.js';
import { expandDims, slice } from './movement.js';

const concatOp = defineVariadicOp<{ axis: number }>({
  name: 'concat',
  shape: (shapes, { axis }) => shapes[0]!.map((d, i) => (i === axis ? shapes.reduce((n, s) => n + s[axis]!, 0) : d)),
  ref: (out, xs, { axis }) => {
    const inner = sizeOf(out.shape.slice(axis + 1));
    const row = out.shape[axis]! * inner;
    let column = 0;
    for (const { data, shape } of xs) {
      const width = shape[axis]! * inner;
      for (let from = 0, to = column; from < data.length; from += width, to += row)
        out.data.set(data.subarray(from, from + width), to);
      column += width;
    }
  },
  traits: { skipsEmpty: true },
  batch: ({ all, attrs, run }) => run(all(), { axis: attrs.axis + 1 }),
  vjp: (g, at, ins, { axis }) => {
    const before = ins.slice(0, at).reduce((n, x) => n + x.shape[axis]!, 0);
    return slice(
      g,
      g.shape.map((_, i) => (i === axis ? before : 0)),
      ins[at]!.shape,
    );
  },
});
/**
 * Tensors one after another along an existing axis. Throws a RangeError where their other lengths
 * differ.
 * @example
 * concat([tensor([1, 2]), tensor([3])]); // float32[3] on cpu [1, 2, 3]
 */
export function concat(xs: readonly Tensor[], axis = 0): Tensor {
  const own = atLeastOne('concat', xs);
  const { shape } = own[0]!;
  const at = checkAxis('concat', axis, shape.length);
  const different = own.find(
    (x) => x.shape.length !== shape.length || x.shape.some((d, i) => i !== at && d !== shape[i]),
  );
  if (different)
    throw new RangeError(
      `concat: expected equal lengths but along axis ${at}, got ${show(shape)} and ${show(different.shape)}`,
    );
  checkAlike('concat', own);
  return concatOp(own, { axis: at });
}

/** A list of tensors of its own. */
function atLeastOne(who: string, xs: readonly Tensor[]): Tensor[] {
  const own = listOf(who, 'tensors', xs, (x) => checkTensor(who, x));
  if (own.length === 0) throw new RangeError(`${who}: expected a list of at least one tensor, got an empty one`);
  return own;
}

/**
 * Tensors of one shape along a new axis, which stands at `axis` in the result. Throws a RangeError
 * where the shapes differ.
 * @example
 * stack([tensor([1, 2]), tensor([3, 4])]); // float32[2,2] on cpu [[1, 2], [3, 4]]
 */
export function stack(xs: readonly Tensor[], axis = 0): Tensor {
  const own = atLeastOne('stack', xs);
  const { shape } = own[0]!;
  const at = checkAxis('stack', axis, shape.length + 1);
  const different = own.find((x) => !sameShape(x.shape, shape));
  if (different)
    throw new RangeError(`stack: expected tensors of one shape, got ${show(shape)} and ${show(different.shape)}`);
  checkAlike('stack', own);
  return concat(
    own.map((x) => expandDims(x, at)),
    at,
  );
}

const MOST_PARTS = 2 ** 16; // of nothing

/**
 * The inverse of concat: parts of the given lengths along an axis, or a number of equal parts.
 * Throws a RangeError where they do not add up.
 * @param parts their number, or the length of each
 * @example
 * split(arange(4), 2); // [ float32[2] on cpu [0, 1], float32[2] on cpu [2, 3] ]
 * split(arange(4), [1, 3]); // [ float32[1] on cpu [0], float32[3] on cpu [1, 2, 3] ]
 */
export function split(x: Tensor, parts: number | readonly number[], axis = 0): Tensor[] {
  const at = checkAxis('split', axis, checkTensor('split', x).shape.length);
  const length = x.shape[at]!;
  const isCount = typeof parts === 'number';
  if (isCount && (length % count('split', 'the number of parts', parts) !== 0 || parts > Math.max(length, MOST_PARTS)))
    throw new RangeError(
      `split: expected a number of parts that divides ${length}, the length of axis ${at} of ${show(x.shape)}, got ${show(parts)}`,
    );
  const sizes = isCount
    ? new Array<number>(parts).fill(length / parts)
    : listOf('split', 'parts', parts, (n): number => whole('split', 'a length', n));
  if (sizes.reduce((n, s) => n + s, 0) !== length)
    throw new RangeError(
      `split: expected parts that add up to ${length} along axis ${at} of ${show(x.shape)}, got ${show(sizes)}`,
    );
  let from = 0;
  return sizes.map((n) => {
    const part = slice(
      x,
      x.shape.map((_, i) => (i === at ? from : 0)),
      x.shape.map((d, i) => (i === at ? n : d)),
    );
    from += n;
    return part;
  });
}
