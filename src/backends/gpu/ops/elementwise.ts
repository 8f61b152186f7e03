import { sources } from '../../../../kernels/gpu/generated/sources.js';
import type { DType } from '../../../core/dtype.js';
import type { AnyOp } from '../../../core/tensor.js';
import type { Entry, EntryTable } from './entry.js';

/**
 * The function of `kernels/gpu` that computes one element of an op, found by the name of its
 * kernel; undefined where it has none.
 */
export const functionOf = ({ kernel, scalar }: AnyOp): string | undefined =>
  scalar && kernel !== undefined && Object.hasOwn(sources, `${kernel}Of`) ? `${kernel}Of` : undefined;

/** How an op of single elements runs: by its function, if it has one. */
export function elementwiseEntry(op: AnyOp): Entry | undefined {
  const fn = functionOf(op);
  return fn === undefined ? undefined : (gpu, ins, [out]) => [gpu.map(fn, ins, out!.shape)];
}

/** Casts: integers and doubles are floats on the device. */
export const cast: EntryTable = {
  cast: (gpu, [x], [out], { dtype }: { dtype: DType }) => [
    dtype === 'int32' ? gpu.map('truncateOf', [x!], out!.shape) : gpu.memory.window(x!, x!.view),
  ],
};
