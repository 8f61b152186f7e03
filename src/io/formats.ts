import { allocate, fits, type Buffer, type DType } from '../core/dtype.js';

/** How elements lie in a file, and the dtype of the tensor they become. */
export interface Format {
  readonly dtype: DType;
  /** Bytes of one element in the file. */
  readonly width: number;
  /**
   * For half-width floats: the bits of the float32 of the same value, from the bits in the file.
   */
  readonly widen?: (bits: number) => number;
  /** For integers that lie otherwise than int32: the integer at an address. */
  readonly integer?: (file: DataView, at: number) => number | bigint;
  /** False for integers that this dtype or int32 cannot hold; absent where all are allowed. */
  readonly allows?: (value: number | bigint) => boolean;
}

const inInt32 = (value: number | bigint): boolean => fits('int32', Number(value));

/** The safetensors dtypes that can be loaded: those of floats and of integers. */
export const formats: ReadonlyMap<string, Format> = new Map<string, Format>([
  ['F64', { dtype: 'float64', width: 8 }],
  ['F32', { dtype: 'float32', width: 4 }],
  ['I32', { dtype: 'int32', width: 4 }],
  ['F16', { dtype: 'float32', width: 2, widen: widenHalf }],
  ['BF16', { dtype: 'float32', width: 2, widen: (bits) => bits << 16 }],
  ['I64', { dtype: 'int32', width: 8, integer: (file, at) => file.getBigInt64(at, true), allows: inInt32 }],
  ['I16', { dtype: 'int32', width: 2, integer: (file, at) => file.getInt16(at, true) }],
  ['I8', { dtype: 'int32', width: 1, integer: (file, at) => file.getInt8(at) }],
  ['U64', { dtype: 'int32', width: 8, integer: (file, at) => file.getBigUint64(at, true), allows: inInt32 }],
  ['U32', { dtype: 'int32', width: 4, integer: (file, at) => file.getUint32(at, true), allows: inInt32 }],
  ['U16', { dtype: 'int32', width: 2, integer: (file, at) => file.getUint16(at, true) }],
  ['U8', { dtype: 'int32', width: 1, integer: (file, at) => file.getUint8(at) }],
  ['BOOL', { dtype: 'int32', width: 1, integer: (file, at) => file.getUint8(at), allows: (value) => value < 2 }],
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

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

/** The first element in the file's bytes that its dtype or int32 may not hold, if there is one. */
export function misfit({ width, integer, allows }: Format, bytes: Uint8Array): number | bigint | undefined {
  if (!integer || !allows) return undefined;
  const file = viewOf(bytes);
  for (let at = 0; at < bytes.length; at += width) {
    const value = integer(file, at);
    if (!allows(value)) return value;
  }
  return undefined;
}

/**
 * Elements from the file's bytes, which may lie at any address. Copies bits, so that NaNs keep
 * their payload.
 */
export function decode({ dtype, width, widen, integer }: Format, bytes: Uint8Array): Buffer {
  const size = bytes.length / width;
  const out = allocate(dtype, size, 'loadSafetensors');
  if (widen ?? integer) {
    const file = viewOf(bytes);
    const words = new Int32Array(out.buffer);
    for (let i = 0; i < size; i++)
      words[i] = widen ? widen(file.getUint16(width * i, true)) : Number(integer!(file, width * i));
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
