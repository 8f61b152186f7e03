import { allocate, type Buffer, type DType } from '../core/dtype.js';

/** How elements lie in a file, and the dtype of the tensor they become. */
export interface Format {
  readonly dtype: DType;
  /** Bytes of one element in the file. */
  readonly width: number;
  /**
   * For half-width floats: the bits of the float32 of the same value, from the bits in the file.
   */
  readonly widen?: (bits: number) => number;
}

/** The safetensors dtypes that can be loaded. */
export const formats: ReadonlyMap<string, Format> = new Map<string, Format>([
  ['F64', { dtype: 'float64', width: 8 }],
  ['F32', { dtype: 'float32', width: 4 }],
  ['I32', { dtype: 'int32', width: 4 }],
  ['F16', { dtype: 'float32', width: 2, widen: widenHalf }],
  ['BF16', { dtype: 'float32', width: 2, widen: (bits) => bits << 16 }],
]);

/** The safetensors dtype as which each dtype is saved. */
export const savedAs: Readonly<Record<DType, string>> = { float64: 'F64', float32: 'F32', int32: 'I32' };

/**
 * Bits of a float32 from those of an IEEE half, exactly: subnormals become normal, NaNs keep their
 * payload.
 */
function widenHalf(bits: number): number {
  const sign = (bits & 0x8000) << 16;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return sign | 0x7f800000 | (fraction << 13);
  if (exponent > 0) return sign | ((exponent + 112) << 23) | (fraction << 13);
  if (fraction === 0) return sign;
  const shift = Math.clz32(fraction) - 21; // brings the leading 1 to bit 10, where it is implied
  return sign | ((113 - shift) << 23) | (((fraction << shift) & 0x3ff) << 13);
}

const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** Turns round the bytes of every element of `width` bytes, in place. */
export function swapBytes(bytes: Uint8Array, width: number): void {
  for (let at = 0; at < bytes.length; at += width) bytes.subarray(at, at + width).reverse();
}

/**
 * Elements from the file's bytes, which may lie at any address. Copies bits, so that NaNs keep
 * their payload.
 */
export function decode({ dtype, width, widen }: Format, bytes: Uint8Array): Buffer {
  const size = bytes.length / width;
  const out = allocate(dtype, size, 'loadSafetensors');
  if (widen) {
    const source = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const words = new Int32Array(out.buffer);
    for (let i = 0; i < size; i++) words[i] = widen(source.getUint16(2 * i, true));
    return out;
  }
  const target = new Uint8Array(out.buffer);
  target.set(bytes);
  if (!littleEndian) swapBytes(target, width);
  return out;
}

/** Writes `data` to `bytes`, of the same length in bytes. */
export function encode(data: Buffer, bytes: Uint8Array): void {
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  if (!littleEndian) swapBytes(bytes, data.BYTES_PER_ELEMENT);
}
