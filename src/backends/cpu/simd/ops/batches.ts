import { sizeOf } from '../../../../core/shape.js';
import type { View } from '../../../../core/tensor.js';
import { stridedView } from '../../../../core/view.js';
import { cut } from '../threads/tasks.js';

/** Some matrices of a batch, which follow one another: operands and results [..., m, n]. */
export interface Matched {
  readonly ins: readonly View[];
  readonly outs: readonly View[];
  /** Where the first of them is in the whole batch. */
  readonly first: number;
}

/**
 * A batch in parts that fit: halves along its first axis, halves of these, and so on. A part that
 * does not fit is one matrix.
 */
export function halved(batch: Matched, fits: (part: Matched) => boolean): readonly Matched[] {
  const lead = batch.ins[0]!.shape.slice(0, -2);
  const axis = lead.findIndex((length) => length > 1);
  if (axis < 0 || fits(batch)) return [batch];
  const each = sizeOf(lead.slice(axis + 1));
  return cut(lead[axis]!, 2).flatMap(([from, count]) => {
    const some = (x: View): View => someOf(x, axis, from, count);
    return halved({ ins: batch.ins.map(some), outs: batch.outs.map(some), first: batch.first + from * each }, fits);
  });
}

const someOf = (x: View, axis: number, from: number, count: number): View =>
  stridedView(
    x,
    x.shape.map((length, k) => (k === axis ? count : length)),
    x.stride,
    x.offset + from * x.stride[axis]!,
  );
