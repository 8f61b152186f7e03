import { checkTensor, defineOp, type One, type Op } from '../core/op.js';
import { broadcastShapes, checkShape, sameShape, sizeOf, stridesOf, type Shape } from '../core/shape.js';
import type { BatchCall, Dense, Tensor } from '../core/tensor.js';
import { reductionOffsets, stridedView } from '../core/view.js';
import { reshape } from './movement.js';
import { show } from '../core/words.js';

// broadcastTo and sum are adjoint: each is the other's rule, so they share a file.

const broadcastOp: Op<One, { to: Shape }> = defineOp<One, { to: Shape }>({
  name: 'broadcastTo',
  shape: (_, { to }) => to,
  view: (x, to) =>
    stridedView(
      x,
      to,
      to.map((d, i) => (x.shape[i] === d ? x.stride[i]! : 0)),
      x.offset,
    ),
  batch: ({ ins, size, attrs, run }) => run(ins, { to: [size, ...attrs.to] }),
  vjp: [
    (g, [x], { to }) =>
      sumKept(
        g,
        to.flatMap((d, i) => (x.shape[i] === d ? [] : [i])),
      ),
  ],
});
/**
 * x repeated along new leading axes and axes of length 1 (NumPy's rule).
 * @example
 * broadcastTo(tensor([1, 2]), [2, 2]); // float32[2,2] on cpu [[1, 2], [1, 2]]
 */
export function broadcastTo(x: Tensor, shape: Shape): Tensor {
  x = checkTensor('broadcastTo', x);
  const to = checkShape('broadcastTo', shape);
  if (sameShape(x.shape, to)) return x;
  if (!sameShape(broadcastShapes('broadcastTo', x.shape, to), to))
    throw new RangeError(`broadcastTo: expected a shape that ${show(x.shape)} broadcasts to, got ${show(to)}`);
  const full = reshape(x, [...new Array<number>(to.length - x.shape.length).fill(1), ...x.shape]);
  return sameShape(full.shape, to) ? full : broadcastOp([full], { to });
}

export interface ReduceAttrs {
  readonly axes: readonly number[];
}

/** Axes of an example among those of a batch. */
export const behind = (axes: readonly number[]): number[] => axes.map((axis) => axis + 1);

/** A rule for `vmap`: the op along the same axes of each example. */
export const behindBatch = <I extends readonly Tensor[], A extends ReduceAttrs>(call: BatchCall<I, A>) =>
  call.run(call.all(), { ...call.attrs, axes: behind(call.attrs.axes) });

/** The same for one axis. */
export const axisBehindBatch = <I extends readonly Tensor[], A extends { readonly axis: number }>(
  call: BatchCall<I, A>,
) => call.run(call.all(), { ...call.attrs, axis: call.attrs.axis + 1 });

/** A shape whose reduced axes have length 1. */
export const keptShape = (x: Shape, axes: readonly number[]): Shape => x.map((d, i) => (axes.includes(i) ? 1 : d));

/**
 * Calls `visit` with each output position and the memory offsets of the elements that meet there.
 */
export function fold(
  x: Dense,
  axes: readonly number[],
  visit: (at: number, base: number, reduced: Int32Array) => void,
): void {
  const { kept, reduced } = reductionOffsets(x.shape, stridesOf(x.shape), 0, axes);
  for (let i = 0; i < kept.length; i++) visit(i, kept[i]!, reduced);
}

const sumOp: Op<One, ReduceAttrs> = defineOp<One, ReduceAttrs>({
  name: 'sum',
  shape: ([x], { axes }) => keptShape(x, axes),
  ref: (out, [x], { axes }) => {
    fold(x, axes, (at, base, reduced) => {
      let s = 0;
      for (const r of reduced) s += x.data[base + r]!;
      out.data[at] = s;
    });
  },
  traits: { work: ([x]) => sizeOf(x!.shape) },
  batch: behindBatch,
  vjp: [(g, [x]) => broadcastTo(g, x.shape)],
});
/** The sum over given axes, which stay with length 1. */
export const sumKept = (x: Tensor, axes: readonly number[]): Tensor => (axes.length === 0 ? x : sumOp([x], { axes }));
