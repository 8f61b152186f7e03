import ndarray from 'ndarray';
import { allocate, type Buffer, type DType } from './dtype.js';
import { sizeOf, type Shape } from './shape.js';
import type { Spec, View } from './tensor.js';

/** A row-major view of `data`. */
export const viewOf = (data: Buffer, shape: Shape): View => ndarray(data, shape as number[]);

/** A view with strides of its own; a stride of 0 repeats an axis. */
export const stridedView = (x: View, shape: Shape, stride: readonly number[], offset: number): View =>
  ndarray(x.data, shape as number[], stride as number[], offset);

/** A zeroed row-major view. */
export const emptyView = (dtype: DType, shape: Shape, who?: string): View =>
  viewOf(allocate(dtype, sizeOf(shape), who), shape);

/** A view of one number everywhere. */
export function repeatedView(value: number, { shape, dtype }: Spec): View {
  const one = viewOf(allocate(dtype, 1), []);
  one.data[0] = value;
  return stridedView(
    one,
    shape,
    shape.map(() => 0),
    0,
  );
}

/** True when the elements follow one another in row-major order. */
export function isContiguous(x: View): boolean {
  for (let axis = x.shape.length - 1, step = 1; axis >= 0; axis--) {
    const d = x.shape[axis]!;
    if (d !== 1 && x.stride[axis] !== step) return false;
    step *= d;
  }
  return true;
}

/** The elements in row-major order: the view's own memory where it is contiguous, else a copy. */
export function dense(x: View): Buffer {
  const size = sizeOf(x.shape);
  if (size > 0 && isContiguous(x)) return x.data.length === size ? x.data : x.data.subarray(x.offset, x.offset + size);
  const out = new (x.data.constructor as new (n: number) => Buffer)(size);
  if (size > 0) denseCopy(x)(out, 0);
  return out;
}

const LONG_RUN = 64; // elements from which `set` beats a loop

/** A function that writes the elements in row-major order from an index of a buffer on. */
export function denseCopy({ data, shape, stride, offset }: View): (out: Buffer, at: number) => void {
  const merged = mergeAxes(shape, [stride]);
  const [length, step] = [merged.shape.at(-1) ?? 1, merged.strides[0]!.at(-1) ?? 1];
  const starts = offsetsOf(merged.shape.slice(0, -1), merged.strides[0]!, offset);
  if (step === 1 && length >= LONG_RUN)
    return (out, at) => {
      starts.forEach((from, row) => {
        out.set(data.subarray(from, from + length), at + row * length);
      });
    };
  if (step === 0)
    return (out, at) => {
      starts.forEach((from, row) => {
        out.fill(data[from]!, at + row * length, at + (row + 1) * length);
      });
    };
  return (out, at) => {
    let i = at;
    for (const start of starts) for (let j = 0, from = start; j < length; j++, from += step) out[i++] = data[from]!;
  };
}

/** Memory offsets of the positions of `shape` in row-major order. */
export function offsetsOf(shape: Shape, stride: readonly number[], offset = 0): Int32Array {
  let offsets = Int32Array.of(offset);
  shape.forEach((length, axis) => {
    const step = stride[axis]!;
    const finer = new Int32Array(offsets.length * length);
    for (let i = 0, k = 0; i < offsets.length; i++)
      for (let j = 0; j < length; j++) finer[k++] = offsets[i]! + j * step;
    offsets = finer;
  });
  return offsets;
}

/**
 * Memory offsets split in two: of the positions along the axes that stay, and along those that are
 * reduced.
 */
export function reductionOffsets(shape: Shape, stride: readonly number[], offset: number, axes: readonly number[]) {
  const pick = (keep: boolean) => shape.map((_, i) => i).filter((i) => axes.includes(i) !== keep);
  const part = (list: number[], from: number) =>
    offsetsOf(
      list.map((i) => shape[i]!),
      list.map((i) => stride[i]!),
      from,
    );
  return { kept: part(pick(true), offset), reduced: part(pick(false), 0) };
}

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
