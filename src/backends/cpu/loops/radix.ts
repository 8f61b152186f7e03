import type { Buffer } from '../../../core/dtype.js';

const LONG = 4096; // keys from which digits of 11 bits beat those of 8

/** The 32-bit words of keys, the lowest first: keys are ordered as unsigned integers. */
export type Words = readonly Uint32Array[];

const SIGN = 0x80000000;

/**
 * Keys that are ordered as the numbers are, zeros alike and NaN above all; the reverse with
 * `descending`. Of a float the sign bit is set, or all bits are turned where it was set.
 */
export function wordsOf(row: Buffer, descending: boolean): Words {
  const turned = descending ? -1 : 0;
  const size = row.length;
  const high = new Uint32Array(size);
  if (row instanceof Int32Array) {
    for (let i = 0; i < size; i++) high[i] = row[i]! ^ SIGN ^ turned;
    return [high];
  }
  const plain = row.slice();
  for (let i = 0; i < size; i++) plain[i] = row[i]! === row[i]! ? row[i]! + 0 : NaN; // -0 + 0 is 0, and each NaN the positive one
  const bits = new Uint32Array(plain.buffer);
  const flip = (word: number): number => word ^ (word & SIGN ? -1 : SIGN) ^ turned;
  if (row instanceof Float32Array) {
    for (let i = 0; i < size; i++) high[i] = flip(bits[i]!);
    return [high];
  }
  const low = new Uint32Array(size);
  for (let i = 0; i < size; i++) {
    const top = bits[2 * i + LITTLE_ENDIAN]!;
    high[i] = flip(top);
    low[i] = bits[2 * i + 1 - LITTLE_ENDIAN]! ^ (top & SIGN ? -1 : 0) ^ turned;
  }
  return [low, high];
}

/** 1 where the lower word of a double comes first. */
const LITTLE_ENDIAN = new Uint8Array(Uint32Array.of(1).buffer)[0]!;

/** The indices that sort keys; stable. Digit by digit, the lowest first (LSD radix sort). */
export function sortByDigits(words: Words): Int32Array {
  const size = words[0]!.length;
  const bits = size < LONG ? 8 : 11;
  let order = new Int32Array(size);
  for (let i = 0; i < size; i++) order[i] = i;
  let spare = new Int32Array(size);
  const starts = new Int32Array(1 << bits);
  for (const keys of words)
    for (let shift = 0; shift < 32; shift += bits) {
      if (!countDigits(keys, shift, starts)) continue;
      place(keys, shift, starts, order, spare);
      [order, spare] = [spare, order];
    }
  return order;
}

/** Where the keys of each digit begin once sorted; false where all have one digit. */
function countDigits(keys: Uint32Array, shift: number, starts: Int32Array): boolean {
  const mask = starts.length - 1;
  starts.fill(0);
  for (let i = 0; i < keys.length; i++) starts[(keys[i]! >>> shift) & mask]!++;
  if (starts[(keys[0]! >>> shift) & mask] === keys.length) return false;
  let before = 0;
  for (let digit = 0; digit <= mask; digit++) {
    const count = starts[digit]!;
    starts[digit] = before;
    before += count;
  }
  return true;
}

function place(keys: Uint32Array, shift: number, starts: Int32Array, order: Int32Array, sorted: Int32Array): void {
  const mask = starts.length - 1;
  for (let i = 0; i < order.length; i++) {
    const index = order[i]!;
    sorted[starts[(keys[index]! >>> shift) & mask]!++] = index;
  }
}
