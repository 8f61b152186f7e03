import type { GpuDevice, GpuLimits, Slot, WebGpuContext } from '../engine/gpu-js.js';
import { STORAGE_USAGE } from './usage.js';

/**
 * Buffers that are used again: making one takes longer than a small kernel. Work that was recorded
 * before a buffer was given back runs before work that is recorded later. What writes past the
 * recording must flush first. At most 256 MiB wait, or what was in use at one time and is not now.
 */
export interface Pool {
  /** Throws a RangeError for more bytes than the adapter allows. */
  readonly check: (bytes: number) => void;
  /** A buffer of so many bytes, with anything in it; a RangeError as `check`. */
  readonly take: (bytes: number) => Slot;
  readonly give: (slot: Slot) => void;
  /** Throws where the GPU had no memory for a buffer: results would be wrong without a word. */
  readonly checkMemory: () => void;
  /** As `checkMemory`, once that is known of all buffers made so far. */
  readonly memoryChecked: () => Promise<void>;
  readonly clear: () => void;
}

/** Bytes that may wait in any case. */
const ROOM = 2 ** 28;
/** Beyond the limit, buffers are destroyed down to this share of it, so that few steps do so. */
const SHARE = 7 / 8;

/** An empty pool; `flush` is called before buffers are destroyed: recorded work may read them. */
export function createPool({ device }: WebGpuContext, flush: () => void): Pool {
  const waiting = new Map<number, Slot[]>(); // by size, the size that was used longest ago first
  let [count, held, used, most] = [0, 0, 0, 0]; // bytes that wait, in use, and in use at one time
  const allocate = allocator(device);
  const listOf = (bytes: number): Slot[] => {
    const list = waiting.get(bytes) ?? [];
    waiting.delete(bytes);
    waiting.set(bytes, list);
    return list;
  };
  const shrink = (limit: number): void => {
    flush();
    for (const [bytes, list] of waiting) {
      for (; held > limit && list.length > 0; held -= bytes) list.shift()!.buffer.destroy();
      if (list.length === 0) waiting.delete(bytes);
    }
  };
  const shrinkIfFull = (): void => {
    const limit = Math.max(ROOM, most - used);
    if (held > limit) shrink(limit * SHARE);
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
      shrinkIfFull();
      return { id: count++, bytes, buffer: allocate.make(bytes) };
    },
    give: (slot) => {
      const list = listOf(slot.bytes);
      list.splice(positionIn(list, slot.id), 0, slot);
      held += slot.bytes;
      used -= slot.bytes;
      shrinkIfFull();
    },
    checkMemory: allocate.check,
    memoryChecked: async () => {
      await allocate.checked();
      allocate.check();
    },
    clear: () => {
      shrink(0);
    },
  };
}

/** Makes buffers, and remembers whether there was memory for all. */
function allocator(device: GpuDevice) {
  let failure: Error | null = null;
  let checked = Promise.resolve();
  return {
    make: (bytes: number) => {
      device.pushErrorScope('out-of-memory');
      const buffer = device.createBuffer({ size: bytes, usage: STORAGE_USAGE });
      const noted = (error: { readonly message: string } | null): void => {
        if (error) failure ??= new Error(`gpu: expected memory for ${bytes} bytes on the GPU, got ${error.message}`);
      };
      checked = device.popErrorScope().then(noted, () => undefined); // fails where the device is lost
      return buffer;
    },
    check: (): void => {
      if (failure) throw failure;
    },
    checked: () => checked,
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
