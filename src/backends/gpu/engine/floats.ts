import type { Buffer } from '../../../core/dtype.js';

/** Throws a RangeError for integers that float32 would change. */
export function checkExact(who: string, data: Buffer): void {
  if (data instanceof Int32Array)
    for (const v of data)
      if (v > 2 ** 24 || v < -(2 ** 24))
        throw new RangeError(`${who}: expected integers of at most 2^24 on a GPU, which computes in float32, got ${v}`);
}

/** Float32 elements of any buffer; a RangeError where an integer would not survive. */
export function toFloats(who: string, data: Buffer): Float32Array {
  checkExact(who, data);
  return data instanceof Float32Array ? data : Float32Array.from(data);
}
