import type { Block } from './block.js';

/** One reference to a block; given back once. */
export interface Ticket {
  readonly block: Block;
  open: boolean;
  /** Whether the innermost scope that has it is brief. */
  brief: boolean;
}

/** A stretch of time whose tickets are given back together. */
export interface Scope {
  /**
   * Gives back what was taken meanwhile, but for `kept`, which the scope around it gets. Throws a
   * TypeError where a scope that was opened later is open still.
   */
  readonly close: (kept: Iterable<Ticket>) => void;
}

/** The scopes that are open, the innermost last. */
export interface Scopes {
  /** A brief scope is closed before any JavaScript but the library's own runs on. */
  readonly open: (brief: boolean) => Scope;
  /** The innermost scope gets a ticket. */
  readonly add: (ticket: Ticket) => void;
  /** No scope has the ticket any longer. */
  readonly remove: (ticket: Ticket) => void;
}

/** No scopes yet. */
export function createScopes(giveBack: (ticket: Ticket) => void): Scopes {
  const stack: { readonly tickets: Set<Ticket>; readonly brief: boolean }[] = [];
  const add = (ticket: Ticket): void => {
    const innermost = stack.at(-1);
    innermost?.tickets.add(ticket);
    ticket.brief = innermost?.brief ?? false;
  };
  const close = (scope: (typeof stack)[number], kept: Iterable<Ticket>): void => {
    const { tickets } = scope;
    if (stack.at(-1) !== scope) {
      stack.splice(stack.indexOf(scope), 1);
      throw new TypeError(
        'scope: expected the scopes that were opened inside to end first, got two asynchronous ones that overlap',
      );
    }
    stack.pop();
    for (const ticket of kept) if (tickets.delete(ticket)) add(ticket);
    for (const ticket of tickets) giveBack(ticket);
  };
  return {
    open: (brief) => {
      const scope = { tickets: new Set<Ticket>(), brief };
      stack.push(scope);
      return {
        close: (kept) => {
          close(scope, kept);
        },
      };
    },
    add,
    remove: (ticket) => {
      for (const { tickets } of stack) tickets.delete(ticket);
      ticket.brief = false;
    },
  };
}
