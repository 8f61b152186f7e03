import type { Buffer } from '../../../core/dtype.js';
import { sizeOf, type Shape } from '../../../core/shape.js';
import type { View } from '../../../core/tensor.js';
import { layout } from '../../plan/layout.js';
import type { Engine, Handle, Pending } from './engine.js';
import { toFloats } from './floats.js';

/** Elements on the device, in main memory, or both; gone when the last reference is. */
export interface Block {
  readonly size: number;
  references: number;
  handle: Pending | null;
  /** In main memory: integers, doubles on their way, single numbers. */
  readonly host: Buffer | null;
}

/** One reference to a block; given back once. */
export interface Ticket {
  readonly block: Block;
  open: boolean;
}

/** The storage of a tensor: a strided window on a block. The view has strides and no elements. */
export interface Window {
  readonly view: View;
  readonly ticket: Ticket;
}

/** How much is alive. */
export interface MemoryUse {
  /** Buffers on the device that some tensor still needs. */
  readonly buffers: number;
  readonly bytes: number;
}

/** Blocks with their reference counts, and the scopes in which they were made. */
export interface Memory {
  /** A row-major window on elements that a kernel made, or is making. */
  made(handle: Pending, shape: Shape): Window;
  /** A window on elements in main memory, which go to the device when a kernel asks for them. */
  held(host: Buffer, shape: Shape, view?: View): Window;
  /** Another window on the same elements. */
  window(of: Window, view: View): Window;
  /** The block's elements on the device. */
  handle(who: string, block: Block): Pending;
  /** Keeps a block alive while a kernel that is not launched yet needs it. */
  retain(block: Block): void;
  drop(block: Block): void;
  release(window: Window): void;
  /** From now on the window outlives the scopes that are open. */
  keep(window: Window): void;
  /**
   * Opens a scope; closing it releases what was made inside but for the windows given. A TypeError
   * where a scope that was opened later is open still.
   */
  open(): Scope;
  /** What `make` makes, without what it makes on the way. */
  within(make: () => readonly Window[]): readonly Window[];
  use(): MemoryUse;
  /** Frees everything. */
  clear(): void;
}

/** A stretch of time whose windows are released together. */
export interface Scope {
  close(kept: Iterable<Window>): void;
}

/** Whether every element is the same number in main memory. */
export const isNumber = ({ view, ticket: { block } }: Window): boolean =>
  block.host !== null && block.size === 1 && view.stride.every((step, i) => step === 0 || view.shape[i] === 1);

/** Keeps account of an engine's buffers. */
export function createMemory(engine: Engine): Memory {
  const live = new Set<Block>();
  const scopes: Set<Ticket>[] = [];
  // A fallback for tensors that nobody released.
  const forgotten = new FinalizationRegistry<Ticket>((ticket) => {
    giveBack(ticket);
  });

  const settle = (pending: Pending, then: (handle: Handle) => void): void => {
    if (pending instanceof Promise)
      pending.then(then, () => undefined); // a reader will meet the error
    else then(pending);
  };
  const drop = (block: Block): void => {
    if (--block.references > 0 || !block.handle) return;
    live.delete(block);
    settle(block.handle, engine.free);
    block.handle = null;
  };
  const giveBack = (ticket: Ticket): void => {
    if (!ticket.open) return;
    ticket.open = false;
    forgotten.unregister(ticket);
    for (const scope of scopes) scope.delete(ticket);
    drop(ticket.block);
  };
  const windowOn = (block: Block, view: View): Window => {
    block.references++;
    const ticket: Ticket = { block, open: true };
    const window: Window = { view, ticket };
    scopes.at(-1)?.add(ticket);
    forgotten.register(window, ticket, ticket);
    return window;
  };

  const open = (): Scope => {
    const tickets = new Set<Ticket>();
    scopes.push(tickets);
    return {
      close: (kept) => {
        if (scopes.at(-1) !== tickets) {
          scopes.splice(scopes.indexOf(tickets), 1);
          throw new TypeError(
            'scope: expected the scopes that were opened inside to end first, got two asynchronous ones that overlap',
          );
        }
        scopes.pop();
        for (const { ticket } of kept) if (tickets.delete(ticket)) scopes.at(-1)?.add(ticket);
        for (const ticket of tickets) giveBack(ticket);
      },
    };
  };

  return {
    made: (handle, shape) => {
      const block: Block = { size: sizeOf(shape), references: 0, handle, host: null };
      live.add(block);
      if (handle instanceof Promise)
        handle.then(
          (done) => {
            if (block.handle === handle) block.handle = done;
          },
          () => undefined,
        );
      return windowOn(block, layout(shape));
    },
    held: (host, shape, view = layout(shape)) =>
      windowOn({ size: host.length, references: 0, handle: null, host }, view),
    window: (of, view) => windowOn(of.ticket.block, view),
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
    drop,
    release: (window) => {
      giveBack(window.ticket);
    },
    keep: ({ ticket }) => {
      for (const scope of scopes) scope.delete(ticket);
    },
    open,
    within: (make) => {
      const scope = open();
      let made: readonly Window[] = [];
      try {
        made = make();
        return made;
      } finally {
        scope.close(made);
      }
    },
    use: () => {
      let bytes = 0;
      for (const block of live) bytes += 4 * block.size;
      return { buffers: live.size, bytes };
    },
    clear: () => {
      for (const block of live) if (block.handle) settle(block.handle, engine.free);
      live.clear();
    },
  };
}
