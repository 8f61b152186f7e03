import type { View } from '../../../core/tensor.js';
import { mergeAxes, offsetsOf } from '../../../core/view.js';

/**
 * How a reduction walks a view: from each kept offset, `length` elements `step` apart at each outer
 * offset.
 */
export interface Runs {
  readonly kept: Int32Array;
  readonly outer: Int32Array;
  readonly length: number;
  readonly step: number;
}

export function runsOf(x: View, axes: readonly number[]): Runs {
  const keep = x.shape.map((_, i) => i).filter((i) => !axes.includes(i));
  const kept = offsetsOf(
    keep.map((i) => x.shape[i]!),
    keep.map((i) => x.stride[i]!),
    x.offset,
  );
  const merged = mergeAxes(
    axes.map((i) => x.shape[i]!),
    [axes.map((i) => x.stride[i]!)],
  );
  const strides = merged.strides[0]!;
  return {
    kept,
    outer: offsetsOf(merged.shape.slice(0, -1), strides.slice(0, -1)),
    length: merged.shape.at(-1) ?? 1,
    step: strides.at(-1) ?? 1,
  };
}
