import type { GpuLimits, Slot, WebGpuContext } from '../engine/gpu-js.js';
import { STORAGE_USAGE } from './usage.js';

/**
 * Buffers that are used again: making one takes longer than a small kernel. What reads a buffer and
 * was recorded before it was given back comes before what writes it, since there is one queue. No
 * more bytes wait than 256 MiB, or than were in use at one time.
 */
export interface Pool {
  /** Throws a RangeError for more bytes than the adapter allows. */
  readonly check: (bytes: number) => void;
  /** A buffer of so many bytes, with anything in it; a RangeError as `check`. */
  readonly take: (bytes: number) => Slot;
  readonly give: (slot: Slot) => void;
  readonly clear: () => void;
}

/** Bytes that may wait in any case. */
const ROOM = 2 ** 28;

/**
 * An empty pool; `flush` is called before a buffer is destroyed, which no recorded work may read.
 */
export function createPool({ device }: WebGpuContext, flush: () => void): Pool {
  const waiting = new Map<number, Slot[]>(); // by size, the size that was asked for longest ago first
  let [count, held, used, most] = [0, 0, 0, ROOM]; // `most`: bytes in use at the same time so far
  const listOf = (bytes: number): Slot[] => {
    const list = waiting.get(bytes) ?? [];
    waiting.delete(bytes);
    waiting.set(bytes, list);
    return list;
  };
  const shrink = (limit: number): void => {
    if (held <= limit) return;
    flush();
    for (const [bytes, list] of waiting) {
      while (held > limit && list.length > 0) {
        list.pop()!.buffer.destroy();
        held -= bytes;
      }
      if (list.length === 0) waiting.delete(bytes);
    }
  };
  const check = (bytes: number): void => {
    checkLimits(device.limits, bytes);
  };
  return {
    check,
    take: (bytes) => {
      check(bytes);
      used += bytes;
      most = Math.max(most, used);
      const slot = listOf(bytes).pop();
      if (slot) {
        held -= bytes;
        return slot;
      }
      return { id: count++, bytes, buffer: device.createBuffer({ size: bytes, usage: STORAGE_USAGE }) };
    },
    give: (slot) => {
      const list = listOf(slot.bytes);
      list.splice(positionIn(list, slot.id), 0, slot);
      held += slot.bytes;
      used -= slot.bytes;
      shrink(most);
    },
    clear: () => {
      shrink(0);
    },
  };
}

/**
 * Where an id goes in slots of falling ids. The smallest is taken first, so that steps that repeat
 * get the same buffers, and with them the same bind groups.
 */
function positionIn(slots: readonly Slot[], id: number): number {
  let [low, high] = [0, slots.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (slots[middle]!.id > id) low = middle + 1;
    else high = middle;
  }
  return low;
}

function checkLimits({ maxStorageBufferBindingSize, maxBufferSize }: GpuLimits, bytes: number): void {
  const largest = Math.min(maxStorageBufferBindingSize, maxBufferSize);
  if (bytes > largest)
    throw new RangeError(`gpu: expected a result of at most ${largest} bytes on this adapter, got ${bytes}`);
}
