import { flag } from '../core/check.js';
import { checkTensor, defineMultiOp, defineOp, type One, type Op, type Two } from '../core/op.js';
import { checkOptions } from '../core/options.js';
import { aroundAxis, checkAxis, type Shape } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { axisBehindBatch } from './broadcast.js';
import { like } from './create.js';
import type { CumsumAttrs, CumsumOptions } from './cumsum.js';
import { add, mul } from './elementwise.js';
import { cast, pad, slice } from './movement.js';
import { putAlong } from './take-along.js';

/**
 * Visits a shape along an axis: the place of each element, that of the one before it on the way,
 * which is negative for the first, and that of the link between both among one link fewer.
 */
function inTurn(
  shape: Shape,
  { axis, reverse }: CumsumAttrs,
  visit: (at: number, before: number, link: number, k: number) => void,
): void {
  const [outer, length, inner] = aroundAxis(shape, axis);
  for (let o = 0; o < outer; o++)
    for (let i = 0; i < inner; i++)
      for (let j = 0; j < length; j++) {
        const k = reverse ? length - 1 - j : j;
        const at = (o * length + k) * inner + i;
        const before = j === 0 ? -1 : reverse ? at + inner : at - inner;
        visit(at, before, (o * (length - 1) + (reverse ? k : k - 1)) * inner + i, k);
      }
}

/** x without its first element on the way along an axis, or without its last. */
function without(end: 'first' | 'last', x: Tensor, { axis, reverse }: CumsumAttrs): Tensor {
  const from = (end === 'first') === reverse ? 0 : 1;
  return slice(
    x,
    x.shape.map((_, i) => (i === axis ? from : 0)),
    x.shape.map((d, i) => (i === axis ? d - 1 : d)),
  );
}

/** What was known before each element on the way, and `first` before the first. */
const shifted = (x: Tensor, way: CumsumAttrs, first: number): Tensor =>
  pad(
    without('last', x, way),
    x.shape.map((_, i) => (i !== way.axis ? [0, 0] : way.reverse ? [0, 1] : [1, 0])),
    first,
  );

const backwards = (way: CumsumAttrs): CumsumAttrs => ({ ...way, reverse: !way.reverse });

/**
 * y_i = x_i + a_i y_(i-1) along an axis, where the n - 1 links a_i lie between neighbours: the
 * adjoint runs through the same links from the other end.
 */
const recurrenceOp: Op<Two, CumsumAttrs> = defineOp<Two, CumsumAttrs>({
  name: 'recurrence',
  shape: ([, x]) => x,
  ref: (out, [links, x], way) => {
    inTurn(x.shape, way, (at, before, link) => {
      out.data[at] = before < 0 ? x.data[at]! : x.data[at]! + links.data[link]! * out.data[before]!;
    });
  },
  batch: axisBehindBatch,
  vjp: [
    (g, [links], way, y) =>
      mul(without('first', recurrenceOp([links, g], backwards(way)), way), without('last', y, way)),
    (g, [links], way) => recurrenceOp([links, g], backwards(way)),
  ],
});

/** A function of floats in double precision. */
const inDouble = (f: (...xs: Tensor[]) => Tensor, ...xs: readonly Tensor[]): Tensor =>
  cast(f(...xs.map((x) => cast(x, 'float64'))), xs[0]!.dtype);

/** dy_i = y_(i-1) dx_i + x_i dy_(i-1) for y = cumprod(x). */
const tangent = (dx: Tensor, x: Tensor, way: CumsumAttrs): Tensor =>
  recurrenceOp([without('first', x, way), mul(dx, shifted(cumprodOp([x], way), way, 1))], way);

/**
 * The adjoint of `tangent`, which needs no quotient and so holds at zeros: dx_i = y_(i-1) r_i with
 * r_i = g_i + x_(i+1) r_(i+1).
 */
const cumprodGrad: Op<Two, CumsumAttrs> = defineOp<Two, CumsumAttrs>({
  name: 'cumprodGrad',
  shape: ([g]) => g,
  ref: (out, [g, x], way) => {
    const befores = new Float64Array(out.data.length);
    let product = 1;
    inTurn(x.shape, way, (at, before) => {
      befores[at] = product = before < 0 ? 1 : product * x.data[before]!;
    });
    let rest = 0;
    inTurn(x.shape, backwards(way), (at, next) => {
      rest = next < 0 ? g.data[at]! : g.data[at]! + x.data[next]! * rest;
      out.data[at] = befores[at]! * rest;
    });
  },
  batch: axisBehindBatch,
  vjp: [
    (h, [, x], way) => inDouble((dh, v) => tangent(dh, v, way), h, x),
    (h, [g, x], way) => inDouble((dh, dg, v) => second(dh, dg, v, way), h, g, x),
  ],
});

/** The gradient in x of <h, cumprodGrad(g, x)>: by r_i, which x links, and by y_(i-1). */
function second(h: Tensor, g: Tensor, x: Tensor, way: CumsumAttrs): Tensor {
  const rest = recurrenceOp([without('first', x, way), g], backwards(way));
  const byLinks = mul(shifted(tangent(h, x, way), way, 0), rest);
  return add(byLinks, cumprodGrad([shifted(mul(h, rest), backwards(way), 0), x], way));
}

const cumprodOp: Op<One, CumsumAttrs> = defineOp<One, CumsumAttrs>({
  name: 'cumprod',
  shape: ([x]) => x,
  ref: (out, [x], way) => {
    const times = x.data instanceof Int32Array ? Math.imul : (a: number, b: number): number => a * b;
    let product = 1; // of float32 in double precision
    inTurn(x.shape, way, (at, before) => {
      out.data[at] = product = before < 0 ? x.data[at]! : times(product, x.data[at]!);
    });
  },
  batch: axisBehindBatch,
  vjp: [(g, [x], way) => cumprodGrad([g, x], way)],
});

/** The largest element so far along an axis, and its place: the last of ties, and the last NaN. */
const cummaxOp = defineMultiOp<One, CumsumAttrs>({
  name: 'cummax',
  infer: ([x]) => [x, { shape: x.shape, dtype: 'int32' }],
  ref: ([tops, places], [x], way) => {
    inTurn(x.shape, way, (at, before, _, k) => {
      const value = x.data[at]!;
      const largest = before < 0 || value >= tops!.data[before]! || value !== value;
      tops!.data[at] = largest ? value : tops!.data[before]!;
      places!.data[at] = largest ? k : places!.data[before]!;
    });
  },
  batch: axisBehindBatch,
  vjp: [
    ([g], [x], { axis }, [, places]) => putAlong('cummax', g ?? like(x, 0, x.shape), places!, axis, x.shape[axis]!),
  ],
});

/** Checked arguments of a scan. */
function wayOf(who: string, x: Tensor, axis: number, options: CumsumOptions): CumsumAttrs {
  const { reverse = false } = checkOptions(who, options, { reverse: flag });
  return { axis: checkAxis(who, axis, checkTensor(who, x).shape.length), reverse };
}

/**
 * Products of the elements up to each along an axis, the last by default: y_i = x_0 ... x_i; of
 * float32 in double precision. Derivatives of every order hold at zeros too.
 * @example
 * cumprod(tensor([1, 2, 3, 4])); // float32[4] on cpu [1, 2, 6, 24]
 */
export function cumprod(x: Tensor, axis = -1, options: CumsumOptions = {}): Tensor {
  const way = wayOf('cumprod', x, axis, options);
  if (x.shape[way.axis]! < 2) return x;
  return cumprodOp([x], way);
}

/**
 * The largest element up to each along an axis, the last by default; NaN from the first NaN on. The
 * derivative goes to the element that each value came from, the last of ties, as in PyTorch.
 * @example
 * cummax(tensor([1, 3, 2, 4])); // float32[4] on cpu [1, 3, 3, 4]
 */
export function cummax(x: Tensor, axis = -1, options: CumsumOptions = {}): Tensor {
  const way = wayOf('cummax', x, axis, options);
  return cummaxOp([x], way)[0]!;
}
