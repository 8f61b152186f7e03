import type { Buffer } from '../../../core/dtype.js';
import { sizeOf, type Shape } from '../../../core/shape.js';
import type { View } from '../../../core/tensor.js';
import { layout } from '../../plan/layout.js';
import { createBlocks, hostBlock, type Block, type Blocks } from './block.js';
import type { Engine } from './engine.js';
import type { Pending } from './gpu-js.js';
import { createScopes, type Scope, type Ticket } from './scopes.js';

/** The storage of a tensor: a strided window on a block. The view has strides and no elements. */
export interface Window {
  readonly view: View;
  readonly ticket: Ticket;
}

/** Windows on blocks, which live as long as a window on them does. */
export interface Memory extends Omit<Blocks, 'made'> {
  /** A row-major window on elements that a kernel made, or is making. */
  readonly made: (handle: Pending, shape: Shape) => Window;
  /** A window on elements in main memory, which go to the device when a kernel asks for them. */
  readonly held: (host: Buffer, shape: Shape, view?: View) => Window;
  /** Another window on the same elements. */
  readonly window: (of: Window, view: View) => Window;
  readonly release: (window: Window) => void;
  /** From now on the window outlives the scopes that are open. */
  readonly keep: (window: Window) => void;
  /** Opens a scope, which releases the windows that were made in it but for those it is told. */
  readonly open: () => WindowScope;
  /** What `make` makes, at once, without what it makes on the way. */
  readonly within: (make: () => readonly Window[]) => readonly Window[];
}

/** A stretch of time whose windows are released together. */
export interface WindowScope {
  readonly close: (kept: Iterable<Window>) => void;
}

/** Whether every element is the same number in main memory. */
export const isNumber = ({ view, ticket: { block } }: Window): boolean =>
  block.host !== null && block.size === 1 && view.stride.every((step, i) => step === 0 || view.shape[i] === 1);

/** Keeps account of the windows on an engine's buffers. */
export function createMemory(engine: Engine): Memory {
  const blocks = createBlocks(engine);
  // A fallback for tensors that nobody released.
  const forgotten = new FinalizationRegistry<Ticket>((ticket) => {
    giveBack(ticket);
  });
  const giveBack = (ticket: Ticket): void => {
    if (!ticket.open) return;
    ticket.open = false;
    if (!ticket.brief) forgotten.unregister(ticket);
    scopes.remove(ticket);
    blocks.drop(ticket.block);
  };
  const scopes = createScopes(giveBack);
  /** Watches a window once no brief scope has it: watching costs the collector time. */
  const watch = (window: Window): void => {
    if (window.ticket.open && !window.ticket.brief) forgotten.register(window, window.ticket, window.ticket);
  };
  const windowOn = (block: Block, view: View): Window => {
    blocks.retain(block);
    const ticket: Ticket = { block, open: true, brief: false };
    const window: Window = { view, ticket };
    scopes.add(ticket);
    watch(window);
    return window;
  };
  const openScope = (brief: boolean): WindowScope => scopeOf(scopes.open(brief), watch);
  return {
    ...blocks,
    made: (handle, shape) => windowOn(blocks.made(handle, sizeOf(shape)), layout(shape)),
    held: (host, shape, view = layout(shape)) => windowOn(hostBlock(host), view),
    window: (of, view) => windowOn(of.ticket.block, view),
    release: ({ ticket }) => {
      giveBack(ticket);
    },
    keep: (window) => {
      const { brief } = window.ticket;
      scopes.remove(window.ticket);
      if (brief) watch(window);
    },
    open: () => openScope(false),
    within: (make) => {
      const scope = openScope(true);
      let made: readonly Window[] = [];
      try {
        made = make();
        return made;
      } finally {
        scope.close(made);
      }
    },
  };
}

/** A scope of windows. Those that it keeps are watched where no brief scope has them any longer. */
const scopeOf = (scope: Scope, watch: (window: Window) => void): WindowScope => ({
  close: (kept) => {
    const windows = [...kept];
    const unwatched = windows.filter(({ ticket }) => ticket.brief);
    scope.close(windows.map(({ ticket }) => ticket));
    unwatched.forEach(watch);
  },
});
