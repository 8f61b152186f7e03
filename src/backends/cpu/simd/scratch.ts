import type { Buffer } from '../../../core/dtype.js';
import { regionOf, type Region, type Simd } from './wasm/instance.js';
import type { Pointer } from './wasm/kernels.js';

/** The memory of the eager kernels: one scratch region, reused by every call. */
export interface Scratch {
  readonly simd: Simd;
  readonly region: Region;
  /** Bytes that operands and results may take at once; larger ones go through in parts. */
  readonly limit: number;
}

export const scratchOf = (simd: Simd, limit: number): Scratch => ({ simd, region: regionOf(simd), limit });

/** A copy of float32 or int32 `data` in the scratch region. */
export function copyIn({ simd, region }: Scratch, data: Buffer): Pointer {
  const at = region.alloc(4 * data.length);
  (data instanceof Int32Array ? simd.i32() : simd.f32()).set(data, at / 4);
  return at;
}

/** Fills `to` from element `from` on with `size` elements at an address. */
export function copyOut({ simd }: Scratch, to: Buffer, at: Pointer, size = to.length, from = 0): void {
  to.set((to instanceof Int32Array ? simd.i32() : simd.f32()).subarray(at / 4, at / 4 + size), from);
}
