import type { Buffer } from '../../../core/dtype.js';
import type { Engine } from './engine.js';
import type { Handle, Pending } from './gpu-js.js';
import { toFloats } from './floats.js';

/** Elements on the device, in main memory, or both; gone when the last reference is. */
export interface Block {
  readonly size: number;
  references: number;
  handle: Pending | null;
  /** In main memory: integers, doubles on their way, single numbers. */
  readonly host: Buffer | null;
}

/** How much is alive. */
export interface MemoryUse {
  /** Buffers on the device that some tensor still needs. */
  readonly buffers: number;
  readonly bytes: number;
}

/** Blocks by reference count. */
export interface Blocks {
  /** A block of elements that a kernel made, or is making. */
  readonly made: (handle: Pending, size: number) => Block;
  /** The block's elements on the device, brought there where need be; `who` is named by errors. */
  readonly handle: (who: string, block: Block) => Pending;
  readonly retain: (block: Block) => void;
  readonly drop: (block: Block) => void;
  readonly use: () => MemoryUse;
  /** Frees all that is on the device. */
  readonly clear: () => void;
}

/** A block of elements in main memory. */
export const hostBlock = (host: Buffer): Block => ({ size: host.length, references: 0, handle: null, host });

/** Keeps account of the buffers of an engine. */
export function createBlocks(engine: Engine): Blocks {
  const live = new Set<Block>();
  const free = (pending: Pending): void => {
    whenThere(pending, (handle) => {
      engine.free(handle);
    });
  };
  return {
    made: (handle, size) => {
      const block: Block = { size, references: 0, handle, host: null };
      live.add(block);
      if (handle instanceof Promise)
        whenThere(handle, (done) => {
          if (block.handle === handle) block.handle = done;
        });
      return block;
    },
    handle: (who, block) => {
      if (!block.handle) {
        block.handle = engine.upload(toFloats(who, block.host!));
        live.add(block);
      }
      return block.handle;
    },
    retain: (block) => {
      block.references++;
    },
    drop: (block) => {
      if (--block.references > 0 || !block.handle) return;
      live.delete(block);
      free(block.handle);
      block.handle = null;
    },
    use: () => {
      let bytes = 0;
      for (const block of live) bytes += 4 * block.size;
      return { buffers: live.size, bytes };
    },
    clear: () => {
      for (const block of live) {
        if (block.handle) free(block.handle);
        block.handle = null;
      }
      live.clear();
    },
  };
}

/** At once, or when the handle has been made; never where that fails, which a reader will meet. */
function whenThere(pending: Pending, then: (handle: Handle) => void): void {
  if (pending instanceof Promise) pending.then(then, () => undefined);
  else then(pending);
}
