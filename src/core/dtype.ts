import { isList } from './plain.js';
import { kindOf } from './words.js';

/** float32 and float64 carry derivatives; int32 holds indices, labels, keys and counters. */
export type DType = 'float32' | 'float64' | 'int32';

/** Row-major elements of one tensor; the array's kind is the dtype. */
export type Buffer = Float32Array | Float64Array | Int32Array;

const arrays = { float32: Float32Array, float64: Float64Array, int32: Int32Array } as const;

/** Bytes of an element. */
export const BYTES: Readonly<Record<DType, number>> = { float32: 4, float64: 8, int32: 4 };

/**
 * A zeroed buffer of `size` elements; a RangeError naming `who` where there is no memory for it.
 */
export const allocate = (dtype: DType, size: number, who = 'tensor'): Buffer => made(dtype, size, size, who);

/** The elements in a buffer of their own, which is not zeroed first; a RangeError as `allocate`. */
export const copyOf = (dtype: DType, elements: Buffer, who = 'tensor'): Buffer =>
  made(dtype, elements, elements.length, who);

function made(dtype: DType, from: number | Buffer, size: number, who: string): Buffer {
  try {
    return new arrays[dtype](from as number);
  } catch (cause) {
    throw new RangeError(`${who}: expected memory for ${size} elements of ${dtype}, got none`, { cause });
  }
}

/** The dtype whose buffer `data` is; a TypeError naming `who` for any other kind of value. */
export function dtypeOf(who: string, data: unknown): DType {
  // A proxy of a typed array is an instance of its class, and cannot be read.
  if (ArrayBuffer.isView(data)) {
    if (data instanceof Float32Array) return 'float32';
    if (data instanceof Float64Array) return 'float64';
    if (data instanceof Int32Array) return 'int32';
  }
  const numbers = (ArrayBuffer.isView(data) && !(data instanceof DataView)) || isList(data);
  const cure = numbers ? '; convert it with Float32Array.from(data)' : '';
  throw new TypeError(`${who}: expected a Float32Array, Float64Array or Int32Array, got ${kindOf(data)}${cure}`);
}

/** Checks a dtype's name. */
export function checkDType(who: string, dtype: unknown): DType {
  if (typeof dtype === 'string' && Object.hasOwn(arrays, dtype)) return dtype as DType;
  throw new TypeError(`${who}: expected dtype 'float32', 'float64' or 'int32', got ${kindOf(dtype)}`);
}

/**
 * True where `value` can stand in a tensor of this dtype: int32 holds integers only, floats round.
 */
export const fits = (dtype: DType, value: number): boolean => dtype !== 'int32' || value === (value | 0);

/** Checks that a number fits its dtype; a RangeError naming `who` otherwise. */
export function checkFits(who: string, dtype: DType, value: number): number {
  if (!fits(dtype, value))
    throw new RangeError(`${who}: expected integers from -2147483648 to 2147483647 for int32, got ${value}`);
  return value;
}

export const isFloat = (dtype: DType): boolean => dtype !== 'int32';
