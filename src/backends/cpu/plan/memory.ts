import ndarray from 'ndarray';
import type { Buffer, DType } from '../../../core/dtype.js';
import type { View } from '../../../core/tensor.js';
import type { Layout } from './arena.js';
import { regionOf, type Alloc, type Simd } from '../simd/wasm/instance.js';

/**
 * The memory of one plan: the arena of its buffers, and beside it what its SIMD kernels ask for.
 */
export interface Memory {
  /** Bytes of the arena. */
  readonly bytes: number;
  /** More memory for kernels; not after the first view has been made. */
  readonly alloc: Alloc;
  /** Byte address of a buffer. */
  address(root: number): number;
  /** Strides over no elements, as strides over those of a buffer. */
  view(strides: View, dtype: DType, root: number): View;
}

const arrays = { float32: Float32Array, float64: Float64Array, int32: Int32Array } as const;

/** Where the arena of a loop's body lies. */
export interface Within {
  /** The memory of the plan around it. */
  readonly alloc: Alloc;
  /** Byte addresses of buffers that lie outside of the arena. */
  readonly elsewhere: ReadonlyMap<number, number>;
}

/** Opens an arena in WebAssembly memory, or in ordinary memory where there is none. */
export function openMemory(simd: Simd | undefined, { offsets, bytes }: Layout, within?: Within): Memory {
  const alloc = simd && (within?.alloc ?? regionOf(simd).alloc);
  const base = alloc ? Math.ceil(alloc(bytes + 128) / 64) * 64 : 0;
  const own = alloc ? undefined : new ArrayBuffer(Math.ceil(bytes / 8) * 8);
  const made = new Map<DType, Buffer>();
  // At the first use, when the memory has its final size. It may be shared, which is all the same
  // to typed arrays though not to their types.
  const array = (dtype: DType): Buffer => {
    const found = made.get(dtype);
    if (found) return found;
    const memory = own ?? (simd!.f32().buffer as ArrayBuffer);
    const fresh = new arrays[dtype](memory, 0, Math.floor(memory.byteLength / arrays[dtype].BYTES_PER_ELEMENT));
    made.set(dtype, fresh);
    return fresh;
  };
  const address = (root: number): number => within?.elsewhere.get(root) ?? base + offsets[root]!;
  return {
    bytes,
    alloc: (size) => {
      if (!alloc)
        throw new RangeError(`openMemory: expected WebAssembly memory to allocate ${size} bytes in, got none`);
      return alloc(size);
    },
    address,
    view: ({ shape, stride, offset }, dtype, root) =>
      ndarray(array(dtype), shape, stride, offset + address(root) / arrays[dtype].BYTES_PER_ELEMENT),
  };
}
