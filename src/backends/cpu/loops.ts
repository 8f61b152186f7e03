import type { Shape } from '../../core/shape.js';
import type { View } from '../../core/tensor.js';
import { offsetsOf } from '../../core/view.js';

/** Axes merged where every operand runs through both in one step, so that inner loops are long. */
export function mergeAxes(
  shape: Shape,
  strides: readonly (readonly number[])[],
): { shape: number[]; strides: number[][] } {
  const dims: number[] = [];
  const merged: number[][] = strides.map(() => []);
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const d = shape[axis]!;
    if (d === 1) continue;
    const outer = dims[0];
    if (outer !== undefined && strides.every((s, k) => s[axis] === merged[k]![0]! * outer)) {
      dims[0] = outer * d;
      continue;
    }
    dims.unshift(d);
    strides.forEach((s, k) => merged[k]!.unshift(s[axis]!));
  }
  return { shape: dims, strides: merged };
}

/** How a reduction walks a view: from each kept offset, `length` elements `step` apart at each outer offset. */
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
